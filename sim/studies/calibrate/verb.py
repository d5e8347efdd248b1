"""`rubicon calibrate`: from plausible ranges to a posterior by the patterns that may set numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from sim.scenario import Setting
    from sim.studies.calibrate.study import Study

FIGURES = ("posterior", "sbc_ranks", "posterior_predictive")


def closing(study: Study, told: dict[str, Any]) -> Table:
    """What changed, the most first; the rest in one line."""
    from rich.table import Table

    table = Table(title=f"{study.setting.label}: what the K patterns tell", title_justify="left")
    for heading in ("number", "prior", "posterior (90 %)", "narrower by", "verdict"):
        table.add_column(heading, justify="right" if heading == "narrower by" else "left")
    entries = sorted(told["parameters"].items(), key=lambda item: -item[1]["contraction"])
    for path, entry in entries:
        if entry["verdict"] != "not identified":
            before, after = entry["prior"], entry["posterior"]
            span = f"{after['median']:.3g} ({after['low']:.3g} to {after['high']:.3g})"
            table.add_row(path, f"{before['low']:g} to {before['high']:g}", span,
                          f"{100 * entry['contraction']:.0f} %", entry["verdict"])  # fmt: skip
    rest = sum(entry["verdict"] == "not identified" for _, entry in entries)
    table.caption, table.caption_justify = f"and {rest} numbers of which the patterns tell next to nothing", "left"
    return table


def run(setting: Setting) -> Path:
    """Calibrate, write the directory (and, if asked, ship the posterior), print table and conclusions; the folder."""
    from sim import draw as plots
    from sim import results as record
    from sim.studies.calibrate.shipping import shipped, shipping_place, tables
    from sim.studies.calibrate.study import Study
    from sim.studies.calibrate.summary import summary_of
    from sim.studies.writing import study as directory

    done = Study(setting)
    if done.choices["ship"]:
        record.check_folder(shipping_place(setting).parent)
    with directory(setting) as (results, summary, manifest):
        done.play()
        summary |= summary_of(done)
        written = tables(done)
        for name, table in written.items():
            record.write_table(results.working / f"{name}.parquet", table)
        manifest |= {"digest": record.digest(written["posterior"]), "runs": done.runs}
        text = shipped(done)
        record.write_text(results.working / "parameters" / "posterior.yaml", text)
        drawn = setting.drawn(done.runs)
        pages = {name: plots.draw(name, calibration=summary, setting=drawn) for name in FIGURES}
        results.save(pages)
        results.say(closing(done, summary))
        for sentence in [*summary["conclusions"], *(f"Warning: {text}" for text in summary["warnings"])]:
            results.say(f"- {sentence}", highlight=False, markup=False)
        if done.choices["ship"]:
            file = shipping_place(setting)
            record.write_text(file, text)
            results.say(f"shipped: {file}", highlight=False, soft_wrap=True, markup=False)
    return results.final


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch
    from sim.studies.writing import of_setting

    return launch(argv, of_setting(run), "calibrate")
