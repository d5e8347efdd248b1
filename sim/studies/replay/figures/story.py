"""One run as a picture: the way to the capital, what each believed, what each was about to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import edge_label, key, note, spread
from sim.draw.style import (
    ENDINGS,
    FAINT,
    INK,
    MUTED,
    OPTIONS,
    SEAT_COLOURS,
    SMALL,
    WASH,
    Page,
    hours_axis,
    page,
    small_print,
    styled,
)

LINES, WIDTH = 26, 39  # lines of the side panel, characters a line
COLUMN, LINE = "#0072B2", "#B03A2E"
Event = Mapping[str, Any]


def chosen(events: Sequence[Event], lines: int, width: int) -> list[tuple[Event, list[str]]]:
    """The events that fit in so many lines, in order of time, each with its wrapped text.

    Where there is no room for all, the rarer kinds stay and the routine goes.
    """
    often = Counter(event["kind"] for event in events)
    wrapped = [textwrap.wrap(f"{e['seat']}: {e['text']}", width, max_lines=2, placeholder=" …") for e in events]
    kept, used = [], 0
    for i in sorted(range(len(events)), key=lambda i: (often[events[i]["kind"]], i)):
        if used + len(wrapped[i]) <= lines:
            kept.append(i)
            used += len(wrapped[i])
    return [(events[i], wrapped[i]) for i in sorted(kept, key=lambda i: (events[i]["hour"], i))]


@styled
def story(story: Mapping[str, Any]) -> Page:
    """The run hour by hour: position with numbered events, beliefs, choice probabilities; the list beside."""
    setting, hour = story["setting"], story["hour"]
    end = ENDINGS[int(story["ending"])]
    listed = chosen(list(story["events"]), LINES, WIDTH)
    left_out = len(story["events"]) - len(listed)
    notes = [f"replicate {setting['replicate']}"] if "replicate" in setting else []
    notes.append(f"{left_out} more events, of the commonest kinds, not listed" if left_out else "all events listed")
    fig = page(
        f"One crisis: {end.phrase} after {hour[-1]:.1f} hours, {np.nanmin(story['km']):.0f} km from the capital",
        "The column's way, what each seat believed, and the options each weighed, half hour by half hour",
        small_print(setting, 1, note="; ".join(notes)),
    )
    last = max(float(hour[-1]), 1.0)
    way = fig.add_axes((0.125, 0.585, 0.45, 0.215))
    _way(way, story, last)
    _numbers(way, listed)
    _beliefs(fig.add_axes((0.125, 0.395, 0.45, 0.16)), story, last)
    _choices(fig.add_axes((0.125, 0.135, 0.45, 0.215)), story, last)
    fig.text(0.125, 0.369, "pale: probability, full: played", size=9.5, color=MUTED, va="center")
    key(fig, OPTIONS, 0.315, 0.369, size=9.5)
    _side_panel(fig, listed)
    return fig


def _way(ax: Axes, story: Mapping[str, Any], last: float) -> None:
    hour, km, strength = story["hour"], story["km"], story["line"]
    line = float(story["setting"]["line_km"])
    top = max(float(np.nanmax(km)), line) * 1.05
    ax.plot(hour, km, color=COLUMN, lw=3, zorder=4)
    if np.max(strength) > 0:
        half = top * 0.022 * strength / np.max(strength)
        ax.fill_between(hour, line - half, line + half, color=LINE, alpha=0.8, lw=0, zorder=3)
        note(ax, "line", (last, line), (6, 0), va="center", color=LINE, weight="bold")
    ax.set_ylim(top, 0)
    ax.set_yticks(np.arange(0, top, 200))
    ax.set_ylabel("km left")
    _plain_hours(ax, last)


def _plain_hours(ax: Axes, last: float) -> None:
    """The hours as on the lowest panel, without their labels."""
    hours_axis(ax, last, {}, label=False)
    ax.tick_params(labelbottom=False)
    ax.grid(axis="y")


def _numbers(ax: Axes, listed: list[tuple[Event, list[str]]]) -> None:
    """Event numbers in rows above the axes, each tied to its hour."""
    if not listed:
        return
    last = ax.get_xlim()[1]
    hours = [float(event["hour"]) for event, _ in listed]
    places = spread(hours, last / 27, 0, last)
    across = ax.get_xaxis_transform()
    for number, (hour, place) in enumerate(zip(hours, places, strict=True), 1):
        ax.plot([hour, hour, place], [0, 1, 1.05], transform=across, color=FAINT, lw=0.9, zorder=1, clip_on=False)
        ax.text(place, 1.1, str(number), transform=across, ha="center", va="center", size=9.5, weight="bold")


def _beliefs(ax: Axes, story: Mapping[str, Any], last: float) -> None:
    """Each seat's probability that the rebels win, and the public's."""
    hour, belief, names = story["hour"], story["belief"], [str(s) for s in story["setting"]["seats"]]
    ax.plot(hour, 100 * story["public"], color=INK, lw=2.4, ls=(0, (2, 1.4)), zorder=3)
    known = [i for i in range(belief.shape[1]) if not np.all(np.isnan(belief[:, i]))]
    for i in known:
        ax.plot(hour, 100 * belief[:, i], color=SEAT_COLOURS[i], lw=2, zorder=4)
    labels = [
        ("public", INK, float(story["public"][-1])),
        *((names[i], SEAT_COLOURS[i], float(belief[-1, i])) for i in known),
    ]
    ax.set_ylim(0, 100)
    ax.set_yticks([0, 50, 100], ["0", "50", "100 %"])
    ax.set_ylabel("P(rebels\nwin)")
    _plain_hours(ax, last)
    _end_labels(ax, labels)


def _end_labels(ax: Axes, labels: list[tuple[str, str, float]]) -> None:
    places = spread([100 * value for *_, value in labels], 13, 0, 104)
    for (name, colour, value), place in zip(labels, places, strict=True):
        edge_label(ax, 100 * value, place, name, colour, 9)


def _choices(ax: Axes, story: Mapping[str, Any], last: float) -> None:
    """A strip a seat: stacked probabilities of the options; the bar below each strip is the option played."""
    hour, prob, option = story["hour"], story["prob"], story["option"]
    seats = [str(s) for s in story["setting"]["seats"]]
    for i in range(len(seats)):
        acts = ~np.isnan(prob[:, i]).any(axis=1)
        edges = np.vstack([np.zeros(len(hour)), np.cumsum(np.nan_to_num(prob[:, i]), axis=1).T])
        for k, mark in enumerate(OPTIONS):
            ax.fill_between(
                hour,
                i + 0.62 * edges[k],
                i + 0.62 * edges[k + 1],
                where=acts,
                step="post",
                lw=0,
                color=mark.colour,
                alpha=0.55,
            )
            ax.fill_between(hour, i + 0.66, i + 0.88, where=option[:, i] == k, step="post", color=mark.colour, lw=0)
    ax.set_facecolor(WASH)
    ax.set_ylim(len(seats), 0)
    ax.set_yticks(np.arange(len(seats)) + 0.45, seats, size=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    hours_axis(ax, last, story["setting"], label=False)


def _side_panel(fig: Page, listed: list[tuple[Event, list[str]]]) -> None:
    """What the numbers stand for."""
    top, step = 0.825, 0.74 / LINES
    line = 0
    for number, (event, text) in enumerate(listed, 1):
        y = top - line * step
        fig.text(0.700, y, str(number), size=10.5, weight="bold", ha="right")
        fig.text(0.744, y, f"{event['hour']:.1f} h", size=10.5, color=MUTED, ha="right")
        for i, part in enumerate(text):
            fig.text(0.752, y - i * step, part, size=10.5)
        line += len(text)
