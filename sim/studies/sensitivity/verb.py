"""`rubicon sensitivity`: which numbers the endings hang on, and how much of that rests on judgement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from rich.table import Table

    from sim.scenario import Setting
    from sim.stats.axes import Axis
    from sim.studies.sensitivity.debt import Debt
    from sim.studies.sensitivity.indices import Indices
    from sim.studies.sensitivity.screening import Screened
    from sim.studies.sensitivity.sensing import Stage

MOST_SAID = 4  # warnings that are printed; those of the focus come first
FIGURES = ("sobol_indices", "morris_screening", "assumption_debt")


class Study:
    """One sensitivity study: what it asks is checked when it is made, `play` plays its stages."""

    screened: Screened | None = None
    chosen: list[Axis]
    indices: dict[str, Indices]
    own: np.ndarray

    def __init__(self, setting: Setting) -> None:
        from sim.studies.sensitivity import sensing
        from sim.studies.sensitivity.debt import check_weights

        self.setting, self.choices = setting, setting.settings.choices
        sensing.check(setting.settings)
        self.weights = check_weights(self.choices["weights"])
        self.asked, self.every = sensing.asked(setting.settings), sensing.every_number(setting.settings)
        self.stages: dict[str, Stage] = {}
        self.groups: dict[str, Indices] = {}
        self.near: dict[str, float] = {}

    def play(self) -> None:
        """Screening, single numbers, submodels: each where it is asked for."""
        from sim.studies.sensitivity import sensing

        if self.choices["screen"]:
            self.stages["screening"], self.screened = sensing.screening(self.setting, self.every)
            self.stages["near"], self.near = sensing.around(self.setting, self.every)
        self.chosen = self.asked or self._top() or self._main()
        self.own = sensing.own_values(self.setting)
        self.stages["numbers"], self.indices = sensing.numbers_study(self.setting, self.chosen)
        if self.choices["submodels"]:
            self.stages["submodels"], self.groups = sensing.submodels_study(self.setting, self.every)

    def _main(self) -> list[Axis]:
        """The numbers marked `main`, where nothing else says what to study."""
        from sim.catalog import catalogue

        return [one for one in self.every if catalogue()[one.path].main]

    def _top(self) -> list[Axis]:
        """The numbers that move the endings most, anywhere and from the setting itself, where they were screened."""
        from sim.studies.sensitivity.screening import pick, ranked

        if self.screened is None:
            return []
        orders = ranked(self.screened.moved), ranked([self.near[one.path] for one in self.every])
        return [self.every[i] for i in pick(orders, self.choices["top"])]

    @property
    def focus(self) -> str:
        """The output that is read out: negotiated exits, or another share where they do not vary beyond luck.

        Then it is the one that varies most of those that do; where none does, exits stay if they vary at all.
        """
        from sim.studies.sensitivity.indices import NOISY
        from sim.studies.sensitivity.point_means import EXIT, SHARES

        means = self.stages["numbers"].means
        spread, luck = (values[: len(SHARES)] for values in (means.means().var(axis=0), means.luck()))
        told = {
            name: float(spread[j])
            for j, name in enumerate(SHARES)
            if luck[j] <= NOISY and not self.indices[name].constant
        }
        if EXIT in told or (not told and not self.indices[EXIT].constant):
            return EXIT
        return max(told, key=lambda name: told[name]) if told else SHARES[int(spread.argmax())]

    def debts(self) -> dict[str, dict[str, Debt | None]]:
        """Assumption debt by output: of the Sobol study's numbers, and of every number from the screening."""
        from sim.studies.sensitivity.debt import debt
        from sim.studies.sensitivity.point_means import NAMES

        level = self.choices["confidence"]
        found: dict[str, dict[str, Debt | None]] = {"numbers": {}}
        for output, one in self.indices.items():
            parts = dict(zip(one.names, one.st.tolist(), strict=True))
            found["numbers"][output] = debt(parts, self.weights, one.drawn, level)
        if self.screened is not None:
            names, squares, drawn = self.screened.names, self.screened.square, self.screened.drawn
            found["screening"] = {
                output: debt(dict(zip(names, squares[:, j].tolist(), strict=True)), self.weights, drawn[:, :, j], level)
                for j, output in enumerate(NAMES)
            }
        return found


def tables(study: Study) -> dict[str, dict[str, Any]]:
    """The study's Parquet tables by file name: indices, screening and points."""
    import numpy as np

    from sim.studies.sensitivity.point_means import NAMES

    rows = [
        {"kind": kind, "name": name, "output": output} | entry
        for kind, found in (("number", study.indices), ("submodel", study.groups))
        for output, one in found.items()
        for name, entry in one.table().items()
    ]
    out: dict[str, dict[str, Any]] = {"indices": {key: np.array([row[key] for row in rows]) for key in rows[0]}}
    if study.screened is not None:
        s = study.screened
        measures = {"mu": s.mu, "mu_star": s.mu_star, "mu_star_low": s.low, "mu_star_high": s.high,
                    "sigma": s.sigma, "square": s.square}  # fmt: skip
        out["morris"] = {"parameter": np.repeat(np.array(s.names), len(NAMES)), "output": np.tile(NAMES, len(s.names))}
        out["morris"] |= {name: values.ravel() for name, values in measures.items()}
    # The submodels' design is made again from the seed; two hundred random columns would be most of the folder.
    out["points"] = study.stages["numbers"].table()
    for name in ("screening", "near", "submodels"):
        if name in study.stages:
            out[f"points_{name}"] = study.stages[name].table(columns=name != "submodels")
    return out


def closing(study: Study) -> Table:
    """The indices of the focus, the largest first."""
    from rich.table import Table

    from sim.studies.sensitivity.debt import grade_of
    from sim.studies.sensitivity.indices import known
    from sim.studies.sensitivity.point_means import NAMES

    found = study.indices[study.focus].table()
    luck = float(study.stages["numbers"].means.luck()[NAMES.index(study.focus)])
    doubt = "" if known(study.indices[study.focus], luck) else " (not to be relied on: see below)"
    table = Table(title=f"{study.setting.label}: what {study.focus} hangs on{doubt}", title_justify="left")
    for heading in ("number", "source", "alone (S1)", "with interactions (ST)"):
        table.add_column(heading, justify="left" if heading in ("number", "source") else "right")
    for name, entry in sorted(found.items(), key=lambda item: -item[1]["ST"]):
        cells = (f"{entry[key]:.2f} ({entry[f'{key}_low']:.2f} to {entry[f'{key}_high']:.2f})" for key in ("S1", "ST"))
        table.add_row(name, grade_of(name), *cells)
    return table


def run(setting: Setting) -> Path:
    """Play and write a sensitivity study, print its table, reading and warnings; returns the folder."""
    from sim import draw as plots
    from sim import results as record
    from sim.studies.sensitivity.summary import summary_of
    from sim.studies.writing import study as directory

    done = Study(setting)
    with directory(setting) as (results, summary, manifest):
        done.play()
        summary |= summary_of(done)
        written = tables(done)
        for name, table in written.items():
            record.write_table(results.working / f"{name}.parquet", table)
        manifest["digest"] = record.digest({name: written["points"][name] for name in written["points"]})
        manifest["runs"] = summary["runs"]
        drawn = setting.drawn(summary["runs"])
        wanted = [name for name in FIGURES if name != "morris_screening" or done.screened is not None]
        results.save({name: plots.draw(name, sensitivity=summary, setting=drawn) for name in wanted})
        results.say(closing(done))
        for sentence in summary["reading"]:
            results.say(f"- {sentence}", highlight=False, markup=False)
        said = summary["warnings"]
        for sentence in said[:MOST_SAID]:
            results.say(f"Warning: {sentence}", highlight=False, markup=False, style="yellow")
        if len(said) > MOST_SAID:
            results.say(f"... and {len(said) - MOST_SAID} more warnings in summary.json", highlight=False)
    return results.final


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch
    from sim.studies.writing import of_setting

    return launch(argv, of_setting(run), "sensitivity")
