"""Who a draw belongs to: the actor part of a luck address. Never renumber; add at the end."""

from __future__ import annotations

# 0-7 are the seats themselves.
WORLD = 15  # draws of the situation: battle, sorties, aftermath
CHANNEL = 16  # + channel
ITEM = 24  # + item of the terms
FORMATION = 32  # + formation
ELITE = 100  # + elite
