"""Whether a calibration can be trusted: ranks of known truths among posterior draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import short
from sim.draw.style import INK, MUTED, Page, Setting, page, small_print, styled

MOST = 30
BAND = 0.99


@styled
def sbc_ranks(calibration: Mapping[str, Any], setting: Setting) -> Page:
    """Rank of the truth among 99 posterior draws over synthetic cases, one panel a number; flat where all is right.

    `calibration` is the summary of a calibration. After Talts et al. (2018).
    """
    sbc, numbers = calibration["sbc"], calibration["parameters"]
    n = sbc["usable"]
    shown = list(sbc["histograms"])[:MOST]
    fig = page(
        takeaway(sbc, len(sbc["histograms"])),
        f"Ranks of {n} known truths among posterior draws; band: {100 * BAND:.0f} % of flat histograms, bin by bin; "
        "corner: p of a chi-square test",
        small_print(setting, calibration["runs"], note="80 % intervals hold the truth in "
                    f"{100 * sbc['coverage']['0.8']['mean']:.1f} %; Talts et al. 2018"),
    )  # fmt: skip
    across = 5 if len(shown) > 12 else min(len(shown), 4)
    down = -(-len(shown) // across)
    wide, high = 0.92 / across, 0.74 / down
    for place, path in enumerate(shown):
        row, column = divmod(place, across)
        ax = fig.add_axes((0.045 + column * wide, 0.085 + (down - 1 - row) * high, 0.88 * wide, 0.60 * high))
        _panel(ax, np.array(sbc["histograms"][path]), n)
        name = short(path.removeprefix("actors.").removeprefix("channels."), 26)
        ax.set_title(name, size=11, pad=3, weight="normal")
        ax.text(1.0, 1.04, f"{numbers[path]['sbc_p']:.2f}", transform=ax.transAxes, size=10, ha="right", color=MUTED)
    return fig


def takeaway(sbc: Mapping[str, Any], k: int) -> str:
    """The headline: whether the ranks are even, all numbers together."""
    if sbc["p"] < 0.01:
        return "The ranks of known truths are not even: this posterior misleads"
    return f"No fault is seen in the ranks of known truths, over all {k} numbers"


def _panel(ax: Axes, counts: np.ndarray, n: int) -> None:
    from scipy.stats import binom

    bins = len(counts)
    low, high = binom.ppf([(1 - BAND) / 2, (1 + BAND) / 2], n, 1 / bins)
    ax.axhspan(low, high, color="#DDE3EA", zorder=0)
    ax.axhline(n / bins, color=MUTED, lw=0.8, zorder=1)
    out = (counts < low) | (counts > high)
    colours = ["#D55E00" if strange else "#0072B2" for strange in out]
    ax.bar((np.arange(bins) + 0.5) / bins, counts, width=0.86 / bins, color=colours, zorder=2, alpha=0.85)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, max(1.25 * high, 1.05 * counts.max()))
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[["left"]].set_visible(False)
    ax.spines["bottom"].set_color(INK)
