"""The Rubicon model under Mesa's own SolaraViz: sliders, play and step, the road, beliefs and choices.

Works with Mesa 3.3.1 on Python 3.11 and Mesa 3.5.1 on Python 3.12, with these beside it, and not with the newest:

    mesa[viz]  solara==1.58.2  solara-assets==1.58.2  reacton==1.9.1  ipyvuetify==1.12.0  ipyvue==1.13.0  networkx

Why each is needed stands in examples/README.md.

Start it from the folder of the checkout:

    solara run examples/solara_viz.py --host 127.0.0.1 --port 8765

Move a control, then press Reset: SolaraViz makes the model anew from keyword arguments, and `March` below
turns them into a setting of Rubicon. Luck stays addressed by (seed, replicate), so a replicate is the same crisis
here, in `rubicon explore` and in `rubicon story`. Like these, it explains mechanisms and does not predict.
"""

import solara
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component

from sim import Crisis, catalogue, setting
from sim.model.state import OPTIONS, SEATS, Conduct

SCENARIOS = [
    "historical",
    "no_mediator",
    "early_joiners",
    "ruler_takes_call",
    "bloody_first_battle",
]  # leave SLIDERS be
SLIDERS = {"men": "forces.R0", "line": "forces.L_max", "rank": "channels.mediator.status"}
MARKS = {
    Conduct.UNTESTED: ("s", "white", "not met"), Conduct.FIGHTS: ("X", "#D55E00", "fights"),
    Conduct.STANDS_ASIDE: ("s", "#566070", "stands aside"), Conduct.JOINS: ("^", "#009E73", "joins"),
    Conduct.PARLEYS: ("D", "#CC79A7", "parleys"),
}  # fmt: skip
COLOURS = {"advance": "#D55E00", "hold": "#B4BBC6", "negotiate": "#009E73", "concede": "#CC79A7"}


class March(Crisis):
    """The crisis as SolaraViz wants it: built from plain keyword arguments."""

    def __init__(self, *, world: str = "historical", men=5.0, line=7.0, rank=0.85, replicate=3, luck=1, rng=None):
        told = [f"{path}={value}" for path, value in zip(SLIDERS.values(), (men, line, rank), strict=True)]
        made = setting(f"scenario={world}", *told)
        super().__init__(made.params, made.script, seed=luck, replicate=replicate, rng=rng)
        self.towns = made.towns


def slider(name: str, label: str, step: float) -> dict:
    """A control over the plausible range that the catalogue states."""
    number = catalogue()[SLIDERS[name]]
    text = f"{label} ({number.unit})"
    return {
        "type": "SliderFloat", "value": number.value, "label": text, "min": number.low, "max": number.high,
        "step": step,
    }  # fmt: skip


@solara.component
def Road(model):
    """The road as a line of kilometres: towns, formations as they acted, the line, the column."""
    from mesa.visualization.utils import update_counter

    _ = update_counter.get()  # draw again at each step
    fig = Figure(figsize=(6, 2.6), layout="constrained")
    ax = fig.subplots()
    state, start = model.state, model.params.D0
    ax.plot([0, start], [0, 0], color="#C8CED6", lw=3, zorder=1)
    ax.plot([state.km, start], [0, 0], color="#0072B2", lw=4, zorder=2)
    ax.plot([model.params.D_line] * 2, [-0.06, 0.28], color="#B03A2E", lw=2 + state.line_ahead, zorder=2)
    for formation in model.formations[:8]:
        marker, colour, _label = MARKS[formation.conduct]
        ax.scatter(formation.position, 0.35, marker=marker, color=colour, edgecolor="#566070", s=60, zorder=3)
    ax.scatter(state.km, 0, s=150, color="#0072B2", edgecolor="white", zorder=4)
    for town in model.towns:
        if town["node"] or town["road_km"] == 0:
            ax.annotate(town["name"], (town["road_km"], -0.12), rotation=35, ha="right", va="top", size=8)
    ended = f": {model.ending.name.lower().replace('_', ' ')}" if model.ending is not None else ""
    ax.set_title(f"hour {model.hour:.1f}, {state.km:.0f} km, {state.rebels:.1f} thousand men{ended}", size=10)
    ax.set(xlim=(start + 20, -20), ylim=(-1.1, 0.7), yticks=[], xlabel="road km to the capital")
    for kind in (Conduct.FIGHTS, Conduct.STANDS_ASIDE, Conduct.JOINS, Conduct.PARLEYS):
        marker, colour, label = MARKS[kind]
        ax.scatter([], [], marker=marker, color=colour, label=label)
    ax.legend(ncols=4, fontsize=7, frameon=False, loc="upper center")
    solara.FigureMatplotlib(fig)


@solara.component
def Choices(model):
    """Chance of each option as each seat last weighed it; the standing order is named at the right."""
    from mesa.visualization.utils import update_counter

    _ = update_counter.get()
    fig = Figure(figsize=(6, 3), layout="constrained")
    ax = fig.subplots()
    left = [0.0] * len(SEATS)
    for k, option in enumerate(OPTIONS):
        chance = [principal.chances[k] for principal in model.principals]
        ax.barh(SEATS, chance, left=left, color=COLOURS[option], label=option)
        left = [a + b for a, b in zip(left, chance, strict=True)]
    for i, principal in enumerate(model.principals):
        ax.text(1.02, i, principal.option.name.lower(), va="center", size=8, weight="bold")
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.25), xlabel="chance of each option when last weighed", xticks=[0, 0.5, 1])
    ax.legend(ncols=4, fontsize=7, frameon=False, loc="upper center", bbox_to_anchor=(0.42, 1.14))
    solara.FigureMatplotlib(fig)


PARAMETERS = {
    "world": {"type": "Select", "value": "historical", "values": SCENARIOS, "label": "Scenario"},
    "men": slider("men", "Men in the column", 0.1),
    "line": slider("line", "Strength of the line", 0.1),
    "rank": slider("rank", "Rank of the mediator", 0.01),
    "replicate": {"type": "SliderInt", "value": 3, "label": "Replicate", "min": 0, "max": 50, "step": 1},
}
BELIEFS = make_plot_component({"belief_leader": "#D55E00", "belief_ruler": "#0072B2", "public": "#1A2230"})

page = SolaraViz(
    solara.reactive(March()),
    components=[Road, Choices, BELIEFS],
    model_params=PARAMETERS,
    play_interval=300,
    name="Rubicon under SolaraViz",
)
