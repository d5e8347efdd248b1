"""What each principal does by the hour, among the runs still going."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import key
from sim.draw.style import (
    MUTED,
    OPTIONS,
    SMALL,
    TEXT,
    WASH,
    Page,
    Setting,
    Table,
    hours_axis,
    page,
    percent,
    small_print,
    styled,
)

FEWEST = 20  # runs: below this a share says little, and the panel is left blank


def shares(option: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares (options, T) among the runs in which the seat acts, and how many those are (T,)."""
    counts = np.array([(option == k).sum(axis=0) for k in range(len(OPTIONS))])
    acting = counts.sum(axis=0)
    return np.divide(counts, acting, out=np.zeros(counts.shape), where=acting > 0), acting


@styled
def choice_shares(paths: Table, setting: Setting) -> Page:
    """Eight panels, one a principal: stacked shares of the four options, hour by hour."""
    hour, option = paths["hour"], paths["option"]
    fewest = min(FEWEST, len(option))
    fig = page(
        _takeaway(hour, option[:, :, 0], str(setting["seats"][0])),
        "Share of each option among the runs still going",
        small_print(setting, len(option), "sampled paths", _doubt(option, fewest)),
    )
    key(fig, OPTIONS, 0.62, 0.877)
    last = _last(hour, option, fewest)
    for seat, title in enumerate(setting["seats"]):
        row, column = divmod(seat, 4)
        ax = fig.add_axes((0.065 + 0.235 * column, 0.51 - 0.37 * row, 0.205, 0.28))
        _panel(ax, hour, option[:, :, seat], fewest)
        ax.set_title(str(title), pad=6)
        hours_axis(ax, last, {}, label=False)
        ax.tick_params(labelbottom=bool(row), labelleft=column == 0)
    fig.text(0.52, 0.068, "hours since the first public defiance", ha="center", va="bottom", size=TEXT)
    return fig


def _panel(ax: Axes, hour: np.ndarray, option: np.ndarray, fewest: int) -> None:
    ax.set_facecolor(WASH)
    ax.set_ylim(0, 100)
    ax.set_yticks([0, 50, 100], ["0", "50", "100 %"])
    share, acting = shares(option)
    enough = acting >= max(fewest, 1)
    if not enough.any():
        ax.text(0.5, 0.5, "does not act", transform=ax.transAxes, ha="center", va="center", color=MUTED, size=SMALL)
        return
    edges = 100 * np.vstack([np.zeros(len(hour)), np.cumsum(share, axis=0)])
    for k, mark in enumerate(OPTIONS):
        ax.fill_between(hour, edges[k], edges[k + 1], where=enough, step="post", color=mark.colour, lw=0)
    ax.plot(hour, np.where(enough, edges[1], np.nan), color="white", lw=1, drawstyle="steps-post")
    ax.axhline(50, color="white", lw=0.8, ls=(0, (2, 3)))


def _last(hour: np.ndarray, option: np.ndarray, fewest: int) -> float:
    """The hour up to which some seat acts in enough runs, and a little more."""
    enough = ((option >= 0).sum(axis=0) >= max(fewest, 1)).any(axis=1)
    return min(float(hour[enough].max(initial=1.0)) + 1.0, float(hour[-1]))


def _doubt(option: np.ndarray, fewest: int) -> str:
    if len(option) == 1:
        return "a single run: shares are what it chose"
    half = 98 / np.sqrt(len(option))
    return f"95 % half-width at most {half:.0f} points with all runs going; blank below {fewest} runs"


def _takeaway(hour: np.ndarray, option: np.ndarray, title: str) -> str:
    """What the first seat does most, hour by hour, as a sentence."""
    share, acting = shares(option)
    live = np.flatnonzero(acting > 0)
    if not len(live):
        return f"{title} never acts"
    most = np.argmax(share[:, live], axis=0)
    turns = np.flatnonzero(np.diff(most)) + 1
    verbs = ("advances", "holds", "negotiates", "concedes")
    if not len(turns):
        always = percent(float(np.mean(share[most[0], live])))
        return f"{title}: most often {verbs[most[0]]}, from first to last ({always})"
    first = turns[0]
    return f"{title}: most often {verbs[most[0]]} until hour {hour[live[first]]:.0f}, then {verbs[most[first]]}"
