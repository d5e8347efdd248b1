"""Initial state: types drawn once per crisis, everything else at its start value."""

from __future__ import annotations

from sim.jit import first_bit, rule, seldom
from sim.model.luck import CAPABILITY, LATENT, LOYALTY, PRIVATE_READ, SIGNAL, THRESHOLD, normal, uniform
from sim.model.maths import NORMAL_CENTRE, exp, normal_centre
from sim.model.params import Params
from sim.model.rules.address import ELITE, FORMATION
from sim.model.rules.channels import MEDIATOR
from sim.model.state import (
    N_CHANNELS,
    N_ELITES,
    N_FORMATIONS,
    N_ITEMS,
    N_LINE,
    N_ROUTE,
    N_SEATS,
    Option,
    Seat,
    Stance,
    State,
    Vector,
)

ADVANCE, HOLD = int(Option.ADVANCE), int(Option.HOLD)
SILENT = int(Stance.SILENT)
LEADER = int(Seat.LEADER)


@rule
def stand(j: int, p: Params) -> float:
    """Road km at which formation j stands: spread along the route, at the line, in the capital.

    Route formations lie between `gap_line` before the line and `gap_start` past the start, the first of them farthest
    out. On a road too short for that there are none: they stand at -1 km, where nobody comes.
    """
    if j < N_ROUTE:
        span = p.D0 - p.D_line - (p.gap_line + p.gap_start)
        return p.D_line + p.gap_line + span * (N_ROUTE - 1 - j) / (N_ROUTE - 1) if span >= 0.0 else -1.0
    return p.D_line if j < N_ROUTE + N_LINE else 0.0


@rule
def draw_normals(key: int, actor: int, purpose: int, n: int, out: Vector) -> None:
    """A standard normal draw at step 0 for each of n < 64 actors in a row, as `normal` gives it. Writes `out`.

    First the middle of the bell for all, without a branch, so that the machine takes
    several at once; then the few in its tails.
    """
    tails = 0
    for i in range(n):
        q = uniform(key, 0, actor + i, purpose) - 0.5
        out[i] = normal_centre(q)
        tails |= int(abs(q) > NORMAL_CENTRE) << i
    while tails != 0:
        i = first_bit(tails)
        tails &= tails - 1
        out[i] = normal(key, 0, actor + i, purpose)


@rule
def draw_types(s: State, p: Params, key: int) -> None:
    """Draw what each formation, elite and seat is like: normal types and one fixed latent draw."""
    draw_normals(key, FORMATION, SIGNAL, N_FORMATIONS, s.signal)
    draw_normals(key, FORMATION, LOYALTY, N_FORMATIONS, s.loyalty)
    draw_normals(key, ELITE, THRESHOLD, N_ELITES, s.threshold)
    draw_normals(key, ELITE, CAPABILITY, N_ELITES, s.capability)
    draw_normals(key, 0, PRIVATE_READ, N_SEATS, s.read)
    for j in range(N_FORMATIONS):
        s.loyalty[j] = p.loy_mu + p.loy_sd * s.loyalty[j]
        s.latent[j] = uniform(key, 0, FORMATION + j, LATENT)
        s.position[j] = stand(j, p)
        s.conduct[j] = 0
        s.told[j] = -1
    total = 0.0
    for i in range(N_ELITES):
        s.threshold[i] = p.tau_mu + p.tau_sd * s.threshold[i]
        s.capability[i] = exp(p.cap_sd * s.capability[i])
        s.stance[i] = SILENT
        total += s.capability[i]
    for i in range(N_ELITES):
        s.capability[i] = s.capability[i] / total
    s.by_stance[SILENT] = 1.0
    for seat in range(N_SEATS):
        s.read[seat] = exp(p.shade[seat] + p.sd_read * s.read[seat])


@rule
def free(s: State) -> None:
    """No order and no answer from outside. Writes will, ordered, tries, forward_most, consent, offers."""
    for i in range(3):
        s.will[i] = -1
    for seat in range(N_SEATS):
        s.ordered[seat] = -1
    s.tries, s.consent, s.offers = -1, -1, -1
    s.forward_most = -1.0


@seldom
def begin(s: State, p: Params, key: int) -> None:
    """Put a zeroed state at the first public defiance (hour 0)."""
    draw_types(s, p, key)
    s.ending = -1
    s.km = p.D0
    s.closest_km = p.D0
    s.rebels = p.R0
    s.line_up = 1 if p.L_max > 0.0 and p.D_line < p.D0 else 0
    s.log_odds = p.log_odds0
    s.fights_leader, s.yields_leader = p.aR, p.bR
    s.fights_ruler, s.yields_ruler = p.aG, p.bG
    for seat in range(N_SEATS):
        s.option[seat] = HOLD
        for j in range(4):
            s.chance[seat][j] = 0.25
    s.option[LEADER] = ADVANCE
    for game in range(2):
        for i in range(4):
            s.plan_leader[game][i] = 0.25
            s.plan_ruler[game][i] = 0.25
    free(s)
    s.sought_ruler_h = -1.0
    s.entered_h = -1.0
    s.asked = -1
    s.settled_channel = -1
    s.package = -1
    s.breach_week = -1
    s.eroded_week = -1
    s.minister_week = -1
    for i in range(N_ITEMS):
        s.clause_week[i] = -1
    for k in range(N_CHANNELS):
        s.caller[k] = -1
        # Without call events every channel is within reach, and so is a mediator who needs no asking.
        s.linked[k] = 1 if p.with_calls == 0.0 or (k == MEDIATOR and p.with_mediation == 0.0) else 0
