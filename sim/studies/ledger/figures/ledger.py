"""The mediator's ledger: the value of mediation by hour of entry, and what each of his functions adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import key
from sim.draw.style import INK, MUTED, SMALL, TEXT, Mark, Page, Setting, page, small_print, styled

MEASURES = (("deal", "Deals, points", 100.0), ("deal_kept", "Deals kept, points", 100.0), ("deaths", "Deaths", 1.0))
FUNCTIONS = (
    (None, Mark("whole mediator", INK)),
    ("information", Mark("no information", "#0072B2")),
    ("guarantor", Mark("no guarantee", "#E69F00")),
    ("face_saver", Mark("no cover", "#009E73")),
    ("rank", Mark("officials' rank", "#CC79A7")),
)
LEFT, WIDTH, GAP = 0.075, 0.265, 0.05
Entries = Sequence[Mapping[str, Any]]


def takeaway(ledger: Mapping[str, Any]) -> str:
    """The headline: at how many hours entry brings deals or costs them, and the best hour where one is settled."""
    of = [e for e in _whole(ledger["entries"], "deal") if e["hour"] is not None]
    more, less = ([e for e in of if not e["nothing"] and sign * e["difference"] > 0] for sign in (1, -1))
    if not more and not less:
        return "At no hour of entry is mediation told from worth nothing"
    text = f"Mediation brings deals at {len(more)} of {len(of)} hours of entry"
    text += f" and costs some at {len(less)}" if less else ""
    best = ledger["best"]
    settled = best["sure"] and not best["level"]
    return f"{text}, most at hour {best['hour']:g} ({100 * best['difference']:+.1f} points)" if settled else text


def _whole(entries: Entries, measure: str, lacks: str | None = None) -> list[Mapping[str, Any]]:
    return [e for e in entries if (e["measure"], e["value_of"], e["lacks"]) == (measure, "mediation", lacks)]


@styled
def ledger(ledger: Mapping[str, Any], setting: Setting) -> Page:
    """Difference to no mediator at all by hour of entry, whole and with one function off, for three measures."""
    fig = page(
        takeaway(ledger),
        "Difference to the same crises without a mediator, by the hour at which he enters; free: by his own ways",
        small_print(setting, ledger["replications"], "pairs", "lines: 95 % intervals · hollow: no more than chance"),
    )
    for place, (measure, title, scale) in enumerate(MEASURES):
        ax = fig.add_axes((LEFT + place * (WIDTH + GAP), 0.175, WIDTH, 0.555))
        _panel(ax, ledger["entries"], measure, scale)
        ax.set_title(title, size=TEXT, pad=8)
    key(fig, [mark for _, mark in FUNCTIONS], LEFT, 0.815, size=SMALL + 1)
    return fig


def _panel(ax: Axes, entries: Entries, measure: str, scale: float) -> None:
    labels = [e["entry"] for e in _whole(entries, measure)]
    for number, (lacks, mark) in enumerate(FUNCTIONS):
        for row, e in enumerate(_whole(entries, measure, lacks)):
            at = row + (number - 2) * 0.15
            ax.plot([at, at], [scale * e["low"], scale * e["high"]], color=mark.colour, lw=2, zorder=2)
            ax.plot(at, scale * e["difference"], "o", ms=6.5 if lacks is None else 5, mec=mark.colour, mew=1.5,
                    mfc="white" if e["nothing"] else mark.colour, zorder=3)  # fmt: skip
    ax.axhline(0, color=MUTED, lw=1.2, zorder=1)
    ax.axvline(len(labels) - 1.5, color=MUTED, lw=0.8, ls=":")
    ax.set_xticks(range(len(labels)), labels)
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.set_xlabel("hour of entry")
    ax.grid(axis="y")
