"""`rubicon replay` and `rubicon story`: one crisis told hour by hour, and drawn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.errors import ConfigurationError
from sim.model.state import Ending, State
from sim.story.narrative import ENDING_TEXT, Event, as_dict, between, clock, weeks_after

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.settings import Settings


@dataclass(frozen=True)
class Story:
    """One crisis: its events in order, its states after each step, and how it ended."""

    setting: Setting
    replicate: int
    events: list[Event]
    states: list[State]

    @property
    def last(self) -> State:
        """The final state, weeks after included."""
        return self.states[-1]


def tell(setting: Setting, replicate: int) -> Story:
    """Play one crisis on the interpreter and note what happens between its states."""
    setting = setting.at(replicate)
    states = list(_play(setting, replicate))
    events = [event for a, b in pairwise(states) for event in between(a, b, setting)]
    return Story(setting, replicate, events, states[1:])


def _play(setting: Setting, replicate: int) -> Iterator[State]:
    from sim.engines.mesa import Crisis

    crisis = Crisis(setting.params, setting.script, seed=setting.seed, replicate=replicate)
    yield crisis.state.copy()
    while crisis.running:
        crisis.step()
        yield crisis.state.copy()


def text(story: Story) -> str:
    """The story as plain text: one line an event, with its reasons below it."""
    setting, last = story.setting, story.last
    lines = [
        f"{setting.label}, replicate {story.replicate}, seed {setting.seed}",
        setting.settings.about, "",
    ]  # fmt: skip
    for event in story.events:
        lines.append(f"h {event.hour:5.1f}  {clock(event.hour)}  {event.text}")
        if event.why:
            lines.append(f"{'':24}{event.why}")
    lines += [
        "",
        f"Ending: {Ending(last.ending).name.lower()} after {last.end_h:.1f} h, closest {last.closest_km:.0f} km.",
    ]
    lines += [f"{ENDING_TEXT[Ending(last.ending)]}"]
    lines += [f"week {week:2d}: {what}." for week, what in weeks_after(last, setting)]
    return "\n".join(lines) + "\n"


def drawn(story: Story) -> dict[str, Any]:
    """What the story figure needs: arrays over the steps, and the events."""
    import numpy as np

    from sim.model.maths import logistic

    states = story.states
    hours = [s.end_h if s.ending >= 0 else s.step * story.setting.params.dt for s in states]
    return {
        "hour": np.array(hours), "km": np.array([s.km for s in states]),
        "public": np.array([logistic(s.log_odds) for s in states]),
        "belief": np.array([s.belief for s in states]), "prob": np.array([s.chance for s in states]),
        "option": np.array([s.option for s in states], dtype=np.int8),
        "line": np.array([s.line_ahead for s in states]), "events": [as_dict(event) for event in story.events],
        "ending": story.last.ending, "setting": story.setting.drawn(1) | {"replicate": story.replicate},
    }  # fmt: skip


def show(setting: Setting, replicate: int, folder: Path | None) -> int:
    """Write a story with its figure into a folder, if one is given, then print it."""
    if folder is not None:
        record.check_folder(folder)
    story = tell(setting, replicate)
    told, paths = text(story), list[Path]()
    if folder is not None:
        from sim import draw as plots

        look = setting.settings.figures
        record.write_text(folder / f"replicate-{replicate}.txt", told)
        page = plots.draw("story", story=drawn(story))
        paths = record.save_figure(page, folder, f"replicate-{replicate}", tuple(look["formats"]), int(look["dpi"]))
    sys.stdout.write(told)
    for path in paths[:1]:
        print(path)
    return 0


def story_task(settings: Settings) -> int:
    """`rubicon story`: composed settings, one replicate, no run directory needed."""
    from sim.scenario import build

    setting = build(settings)
    return show(setting, settings.replicate, Path(settings.out) / "story" / setting.name)


def story(argv: list[str]) -> int:
    """Entry of `rubicon story`: Hydra overrides, `replicate=17` among them."""
    from sim.config import launch

    return launch(argv, story_task, "story")


def main(argv: list[str]) -> int:
    """Entry of `rubicon replay RUN_DIR --replicate 17`."""
    from sim.arguments import Arguments

    parser = Arguments("rubicon replay", description="Tell one crisis of a finished run, hour by hour.")
    parser.add_argument("run_dir", type=Path, help="folder that `rubicon run` printed")
    parser.add_argument("--replicate", type=int, default=0, help="which of its crises (default 0)")
    parser.add_argument("--no-figure", action="store_true", help="text only; otherwise RUN_DIR/stories/ gets both")
    given = parser.parse_args(argv)
    done = record.load(given.run_dir)
    count = int(done.manifest["replications"])
    if not 0 <= given.replicate < count:
        raise record.RecordError(f"--replicate {given.replicate}: this run has replicates 0 to {count - 1}.")
    setting = setting_of(done)
    folder = None if given.no_figure else given.run_dir / "stories"
    code = show(setting, given.replicate, folder)
    check_same(done, setting, given.replicate)
    return code


def setting_of(done: record.RunSet) -> Setting:
    """The setting of a finished run, rebuilt from its own configuration file and recorded seed."""
    from dataclasses import replace

    from sim.config import recompose
    from sim.scenario import build

    file = done.folder / "config.yaml"
    try:
        with record.understood(file):
            settings = recompose(done.config)
            overrides = tuple(done.manifest["overrides"])
            return build(replace(settings, seed=int(done.manifest["seed"]), overrides=overrides))
    except ConfigurationError as error:
        raise record.RecordError(f"{file}: {error}") from error


def check_same(done: record.RunSet, setting: Setting, replicate: int) -> None:
    """Say so when this version tells another story than the recorded run."""
    from sim.jit import source_hash

    if source_hash() != done.manifest["source_hash"]:
        print(
            "note: the rules have changed since this run was recorded; the story is told by today's rules.",
            file=sys.stderr,
        )
