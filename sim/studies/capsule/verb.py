"""`rubicon capsule`: one crisis as a short text, and back: bit for bit, or with what does not match.

A capsule of a setting has a run directory of its own, <out>/capsule/<scenario>/<name>/ with capsule.yaml.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.results import capsule as files
from sim.results.capsule import Capsule, CapsuleError
from sim.studies.capsule.capsules import enclose, replay

if TYPE_CHECKING:
    from sim.settings import Settings

FILE = "capsule.yaml"
OTHER = 1  # exit code of a capsule that plays otherwise here
USAGE = """usage: rubicon capsule [key=value ...]           write a capsule of one run, as replicate=17
       rubicon capsule RUN_DIR [--replicate 17]   the same, of a run of a results folder
       rubicon capsule --play FILE_OR_FOLDER      replay a capsule; exit code 0 if bit for bit the same, else 1

Keys: those of `rubicon run`, and orders=[{hour:15.5,seat:ruler,option:advance}] for imposed decisions."""


def play_file(path: Path) -> int:
    """`rubicon capsule --play FILE_OR_FOLDER`: say how it matches; 0 where it replays bit for bit, else 1."""
    file = path / FILE if path.is_dir() else path
    capsule = files.read(file)
    with record.understood(file):
        same, lines = replay(capsule)
    for line in lines:
        print(line)
    what = f"{capsule.scenario}, replicate {capsule.replicate}, seed {capsule.seed}"
    if same:
        print(f"{what}: replays bit for bit, {capsule.ending} after {capsule.end_h:g} h.")
        return 0
    print(f"{what}: does NOT replay as recorded.")
    return OTHER


def write(capsule: Capsule, folder: Path) -> Path:
    """Write a capsule of a recorded run under a name that tells it from others, print it and its place."""
    name = f"{capsule.scenario}-seed{capsule.seed}-replicate{capsule.replicate}-{capsule.digests['state'][:8]}.yaml"
    record.write_text(folder / name, capsule.text())
    sys.stdout.write(capsule.text())
    print(folder / name)
    return folder / name


def task(settings: Settings) -> int:
    """One composed job of the command line: the capsule in a run directory; printed, and the folder last."""
    from sim.scenario import build
    from sim.studies.writing import study

    setting = build(settings)
    with study(setting) as (results, summary, manifest):
        capsule = enclose(setting, settings.replicate, files.orders(settings.choices["orders"], "orders"))
        record.write_text(results.working / FILE, capsule.text())
        summary |= told(capsule)
        manifest |= {name: summary[name] for name in ("replicate", "ending")} | {"digest": capsule.digests["state"]}
        results.say(capsule.text(), end="", markup=False, highlight=False, soft_wrap=True)
    return 0


def told(capsule: Capsule) -> dict[str, Any]:
    """What summary.json holds of a capsule."""
    lists = {
        name: [order._asdict() for order in orders]
        for name, orders in (("orders", capsule.orders), ("decisions", capsule.decisions))
    }
    return {
        "replicate": capsule.replicate, "ending": capsule.ending, "end_h": capsule.end_h,
        "config": dict(capsule.config), "digests": dict(capsule.digests), **lists,
    }  # fmt: skip


def of_folder(argv: Sequence[str]) -> int:
    """`rubicon capsule RUN_DIR --replicate 17`: the capsule of a run that was recorded, beside its tables."""
    from sim.arguments import Arguments
    from sim.studies.replay import verb as stories

    parser = Arguments("rubicon capsule", usage=USAGE)
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--replicate", type=int, default=0)
    given = parser.parse_args(argv)
    done = record.load(given.run_dir)
    count = int(done.manifest["replications"])
    if not 0 <= given.replicate < count:
        raise record.RecordError(f"--replicate {given.replicate}: this run has replicates 0 to {count - 1}.")
    setting = stories.setting_of(done)
    record.check_folder(given.run_dir / "capsules")
    write(enclose(setting, given.replicate, ()), given.run_dir / "capsules")
    stories.check_same(done, setting, given.replicate)
    return 0


def main(argv: list[str]) -> int:
    """Entry of the verb: `--play FILE`, a run directory, or Hydra overrides."""
    if argv and argv[0] in ("-h", "--help"):
        print(USAGE)
        return 0
    if argv and argv[0] == "--play":
        if len(argv) != 2:
            raise CapsuleError(f"--play wants one file or folder, given: {' '.join(argv[1:]) or 'none'}.")
        return play_file(Path(argv[1]))
    if argv and not argv[0].startswith("-") and "=" not in argv[0]:
        return of_folder(argv)
    from sim.config import launch

    return launch(argv, task, "capsule")
