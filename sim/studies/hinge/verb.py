"""`rubicon hinge`: the smallest change that flips an ending: one decision, or one number; and where hinges lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError
from sim.studies.console import counting
from sim.studies.hinge.tables import decision_table, number_table
from sim.studies.writing import of_setting, study

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting
    from sim.studies.hinge.deviations import Flip

ROOM = 0.01  # a flip is told with at most this share of the plausible range more than it needs


def hinge(setting: Setting) -> Mapping[str, Any]:
    """Find, verify, print and write the hinges of one run or of an ensemble; returns what summary.json holds.

    The directory holds decisions.parquet (a row an option of a decision), numbers.parquet and figures/hinges.
    """
    from sim import jit
    from sim import results as record
    from sim.engines import kernel
    from sim.studies.tension.verb import given, whole

    keys = setting.settings.choices
    many = whole(keys, "ensemble", 1 if given(setting, "ensemble") else 0)
    if many and given(setting, "replicate"):
        raise ConfigurationError(
            f"ensemble={many} takes replicates 0 to {many - 1}; leave out replicate=..., or ensemble=..."
        )
    for key, least in (("grid", 2), ("named", 1)):
        whole(keys, key, least)
    jit.use_threads(setting.settings.threads)
    with study(setting) as (results, numbers, _):
        kernel.ready()
        found = of_ensemble(setting, many) if many else of_run(setting, setting.settings.replicate)
        numbers |= found["told"]
        for name in ("decisions", "numbers"):
            record.write_table(results.working / f"{name}.parquet", found[name])
        results.save({"hinges": _page(found, setting)})
        for table in (decision_table, number_table):
            results.say(table(found["told"], setting))
    return dict(found["told"])


def of_run(setting: Setting, replicate: int) -> dict[str, Any]:
    """Hinges of one run: `told` (summary), `decisions` and `numbers` (tables), `chart`."""
    import numpy as np

    from sim.model.state import ENDINGS
    from sim.studies.hinge.deviations import deviations, flips

    with counting(0, f"replicate {replicate}") as progress:
        endings, table = deviations(
            setting.params, seed=setting.seed, replicate=np.array([replicate]), script=setting.script, progress=progress
        )
        ending = int(endings[0])
        found = flips(setting, replicate, ending, setting.settings.choices["grid"], progress)
    named, rows = _decisions(setting, endings, table, np.array([replicate]))
    numbers = sorted((_number(setting, flip) for flip in found), key=lambda entry: float(entry["size"]))
    told = {
        "replicate": replicate, "ending": ENDINGS[ending], "decisions_taken": len(table["step"]) // 4,
        "decisions_that_flip": int(rows.reshape(-1, 4).any(axis=1).sum()),
        "decisions": [_verified_decision(setting, entry) for entry in named],
        "numbers_that_flip": len({entry["path"] for entry in numbers}),
        "numbers": [_verified_number(setting, replicate, e) for e in numbers[: setting.settings.choices["named"]]],
    }  # fmt: skip
    return _found(setting, told, table, rows, numbers)


def of_ensemble(setting: Setting, many: int) -> dict[str, Any]:
    """Hinges of replicates 0 .. many-1: the same as `of_run`, numbers tried at the two ends of their ranges only."""
    import numpy as np

    from sim.model.state import ENDINGS, SEATS
    from sim.stats.outcomes import share
    from sim.studies.hinge.deviations import deviations, endings_at, plausible, tried_numbers
    from sim.studies.hinge.summary import by_run, lead_of_numbers, lead_of_seats

    replicate = np.arange(many)
    ends = {path: plausible(setting, path, 2) for path in tried_numbers()}
    ends = {path: values for path, values in ends.items() if len(values)}
    with counting(many * sum(map(len, ends.values())), f"{setting.name}, hinges") as progress:
        endings, table = deviations(
            setting.params, seed=setting.seed, replicate=replicate, script=setting.script, progress=lambda done: None
        )
        ended = endings_at(setting, ends, replicate, progress)
    _, rows = _decisions(setting, endings, table, replicate)
    decided, run = table["seat"][::4], table["crisis"][::4]
    turned: np.ndarray = np.any(rows.reshape(-1, 4), axis=1)
    flipped = {path: np.any(ended[path] != endings, axis=0) for path in ends}
    of_seat = {name: (turned[decided == seat], run[decided == seat]) for seat, name in enumerate(SEATS)}
    seats = lead_of_seats(*({name: both[i] for name, both in of_seat.items()} for i in (0, 1)))
    most = lead_of_numbers(flipped)
    numbers: list[dict[str, Any]] = [
        {"path": path, **share(flipped[path])} | {"to": float(values[np.argmax((ended[path] != endings).sum(axis=1))])}
        for path, values in ends.items()
    ]
    numbers.sort(key=lambda entry: -float(entry["share"]))
    told = {
        "ensemble": many, "endings": {name: int((endings == code).sum()) for code, name in enumerate(ENDINGS)},
        "decisions_taken": len(decided), "decisions_that_flip": int(turned.sum()),
        "runs_with_a_hinge": share(np.isin(replicate, table["crisis"][rows])),
        "by_seat": {name: by_run(*both) for name, both in of_seat.items()},
        "seat_lead": None if seats is None else seats._asdict(),
        "number_lead": None if most is None else most._asdict(),
        "numbers": numbers[: setting.settings.choices["named"]],
    }  # fmt: skip
    return _found(setting, told, table, rows, numbers)


def _found(
    setting: Setting,
    told: dict[str, Any],
    table: dict[str, np.ndarray],
    rows: np.ndarray,
    numbers: list[dict[str, Any]],
) -> dict[str, Any]:
    import numpy as np

    from sim.model.state import ENDINGS, OPTIONS, SEATS
    from sim.studies.hinge.summary import chart

    words = {"seat": SEATS, "chose": OPTIONS, "option": OPTIONS, "ending": ENDINGS}
    decisions = {name: np.array(words[name])[values] if name in words else values for name, values in table.items()}
    decisions |= {"hour": table["step"] * setting.params.dt, "hinge": rows}
    columns = list(numbers[0]) if numbers else ["path"]
    return {
        "told": told, "decisions": decisions, "codes": table, "rows": rows,
        "chart": chart(table, rows, setting.params.dt, 1.0 if "ensemble" in told else setting.params.dt),
        "numbers": {name: np.array([entry[name] for entry in numbers]) for name in columns},
    }  # fmt: skip


def _decisions(
    setting: Setting, endings: np.ndarray, table: dict[str, np.ndarray], replicate: np.ndarray
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """The smallest hinges among decisions, and the rows of the table that are hinges."""
    from sim.model.state import ENDINGS, OPTIONS, SEATS
    from sim.studies.hinge.summary import hinges, smallest_first

    keys = setting.settings.choices
    rows = hinges(endings, table, float(keys["least_chance"]))
    named = [
        {
            "replicate": int(replicate[table["crisis"][i]]), "step": int(table["step"][i]),
            "hour": float(table["step"][i] * setting.params.dt), "seat": SEATS[table["seat"][i]],
            "chose": OPTIONS[table["chose"][i]], "instead": OPTIONS[table["option"][i]],
            "chance": float(table["chance"][i]), "ending": ENDINGS[table["ending"][i]],
        }
        for i in smallest_first(table, rows)[: keys["named"]]
    ]  # fmt: skip
    return named, rows


def _number(setting: Setting, flip: Flip) -> dict[str, Any]:
    from sim.catalog import catalogue
    from sim.model.state import ENDINGS
    from sim.studies.hinge.summary import size

    number, own = catalogue()[flip.path], setting.settings.values[flip.path]
    return {
        "path": flip.path, "own": float(own), "value": flip.value, "same": flip.same,
        "size": size(own, flip.value, number.low, number.high), "ending": ENDINGS[flip.ending],
    }  # fmt: skip


def _verified_decision(setting: Setting, entry: dict[str, Any]) -> dict[str, Any]:
    """The entry, with whether a play from scratch on both engines ends as it says."""
    from sim.engines.rollouts import ordered
    from sim.model.state import OPTIONS, SEATS

    seat, option = SEATS.index(entry["seat"]), OPTIONS.index(entry["instead"])
    told = ordered(setting.script, entry["step"], seat, option)
    return entry | {"verified": replayed(setting, told, entry["replicate"]) == {entry["ending"]}}


def _verified_number(setting: Setting, replicate: int, entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its value as the shortest decimal that flips too, played from scratch on both engines."""
    from sim.catalog import catalogue
    from sim.studies.hinge.summary import shortest, size

    number = catalogue()[entry["path"]]
    for text in shortest(entry["same"], entry["value"], ROOM * (number.high - number.low)):
        changed = setting.changed({entry["path"]: float(text)})
        if replayed(changed, changed.script, replicate) == {entry["ending"]}:
            larger = size(entry["own"], float(text), number.low, number.high)
            return entry | {"value": float(text), "size": larger, "verified": True}
    return entry | {"verified": False}


def replayed(setting: Setting, script: Any, replicate: int) -> set[str]:
    """Endings of one crisis from the first defiance on, on the kernel and on the readable engine: one if they agree."""
    import numpy as np

    from sim.engines.mesa import play_one
    from sim.engines.rollouts import onward
    from sim.model.state import ENDINGS

    fast = onward(None, setting.params.row(), seed=setting.seed, replicate=np.array([replicate]), script=script)
    slow = play_one(setting.params, script, setting.seed, replicate)
    return {ENDINGS[int(fast[0])], ENDINGS[slow.ending]}


def _page(found: Mapping[str, Any], setting: Setting) -> Any:
    from sim import draw as plots

    told, codes = found["told"], found["codes"]
    data = {**told, "chart": found["chart"], "table": codes, "rows": found["rows"], "dt": setting.params.dt}
    return plots.draw("hinges", hinges=data, setting=setting.drawn(told.get("ensemble", 1)))


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, of_setting(hinge), "hinge")
