"""From one crisis to a comparison: a first hour with Rubicon, as a marimo notebook.

    marimo edit examples/notebook.py      read, change, play again
    python examples/notebook.py           the same as a script; it prints what each part found

Needs `pip install '.[analysis]' marimo`, in a checkout. Sample sizes are small so that every part answers in seconds.
"""

import marimo

app = marimo.App(width="medium", app_title="A first hour with Rubicon")


@app.cell
def opening():
    import tempfile
    from collections import Counter
    from io import BytesIO
    from pathlib import Path

    import marimo as mo
    import numpy as np

    from sim import catalogue, crisis, runs, setting
    from sim import draw as plots
    from sim.cli import main
    from sim.model.state import ENDINGS, OPTIONS, Ending, Seat
    from sim.notebook import frame
    from sim.stats.estimates import wilson
    from sim.stats.paired import transitions
    from sim.stats.pointwise import paired_share_interval
    from sim.studies.replay.verb import drawn, tell

    def shown(page, alt):
        """A figure of the package as a picture, not wider than the page."""
        picture = BytesIO()
        page.savefig(picture, format="png", dpi=110)
        return mo.image(picture.getvalue(), alt=alt)

    mo.md(
        """
        # A first hour with Rubicon

        In June 2023 an armed column drove towards a capital, and turned back by agreement after a day. Rubicon plays
        such a crisis step by step: a leader, a ruler, six seats around them, eighteen formations, fifty elites and a
        public. This notebook takes you through it in four parts.

        1. **The model**: one crisis, watched from inside.
        2. **A run**: the same opening, two thousand times.
        3. **A sweep**: one number moved over its plausible range.
        4. **A comparison**: two worlds under the same luck.

        Keep one sentence in mind. *The model explains mechanisms; it does not predict.* Most of its numbers are
        judgement, and each says so.
        """
    )
    return (
        BytesIO, Counter, ENDINGS, Ending, OPTIONS, Path, Seat, catalogue, crisis, drawn, frame, main, mo, np,
        paired_share_interval, plots, runs, setting, shown, tell, tempfile, transitions, wilson,
    )  # fmt: skip


@app.cell
def about_model(mo):
    mo.md(
        """
        ## 1 The model

        A crisis is a Mesa model: an agent for each seat, formation and elite. Every half hour each seat may look up,
        weigh four options (advance, hold, negotiate, concede) and pick one. It picks the better option more often,
        not always: that is a *quantal response*, and how sharply a seat chooses is a number of its own.

        Luck is addressed by seed and replicate. The crisis below is replicate 3 of seed 1, today and on any machine.
        Choose another replicate and it is another crisis in the same world.
        """
    )


@app.cell
def choose_replicate(mo):
    replicate = mo.ui.number(0, 999, value=3, label="Replicate")
    mo.hstack([replicate], justify="start")
    return (replicate,)


@app.cell
def one_crisis(OPTIONS, Seat, crisis, mo, replicate):
    one = crisis("scenario=historical", seed=1, replicate=replicate.value)
    while one.running:
        one.step()
    watched = one.datacollector.get_model_vars_dataframe()
    chances = dict(zip(OPTIONS, one.principals[Seat.LEADER].chances, strict=True))
    weighed = ", ".join(f"{name} {chance:.0%}" for name, chance in chances.items())
    print(
        f"replicate {replicate.value}: {one.ending.name.lower()} after {one.hour:.1f} h, {one.state.closest_km:.0f} km"
    )
    mo.vstack([
        mo.md(
            f"It ended as **{one.ending.name.lower().replace('_', ' ')}** after {one.hour:.1f} hours, "
            f"{one.state.closest_km:.0f} km from the capital at the nearest. When the leader last weighed his "
            f"options they had these chances: {weighed}. What the model wrote down on the way:"
        ),
        mo.ui.table(watched.iloc[::4].round(2), selection=None),
    ])  # fmt: skip
    return (one,)


@app.cell
def its_story(drawn, mo, plots, replicate, setting, shown, tell):
    story = tell(setting("scenario=historical", "seed=1"), replicate.value)
    mo.vstack([
        mo.md(
            "The same crisis as a picture. At the top the road, with numbered events; then who believed what; at "
            "the bottom each seat's chances of its options (pale) and what it did (full). Find the hour at which "
            "the leader's belief turns, and look for the event beside it."
        ),
        shown(plots.draw("story", story=drawn(story)), "One crisis: position, beliefs and choices hour by hour"),
    ])  # fmt: skip


@app.cell
def about_run(mo):
    mo.md(
        """
        ## 2 A run

        One crisis is an anecdote. Two thousand with the same opening and different luck give the odds of the six
        endings. A compiled engine plays them in a blink, by the very rules you just watched: for the same seed and
        replicate both engines agree to the last bit. The next cell checks that for your crisis.
        """
    )


@app.cell
def many(ENDINGS, Ending, mo, np, one, plots, replicate, runs, setting, shown, wilson):
    many_n, world = 2000, setting("scenario=historical", "seed=1")
    table = runs("scenario=historical", n=many_n, seed=1)
    odds = {name: float(np.mean(table["outcome"] == code)) for code, name in enumerate(ENDINGS)}
    low, high = wilson(int(np.sum(table["outcome"] == Ending.NEGOTIATED_EXIT)), many_n)
    if replicate.value < many_n:
        assert table["outcome"][replicate.value] == one.ending, "the two engines must agree"
    print("odds: " + ", ".join(f"{name} {share:.1%}" for name, share in odds.items()))
    mo.vstack([
        shown(plots.draw("outcome_shares", runs=table, setting=world.drawn(many_n)), "Shares of the endings"),
        mo.md(
            f"A negotiated exit comes in {odds['negotiated_exit']:.1%} of the runs (95 % interval {low:.1%} to "
            f"{high:.1%}). The interval is about luck only. It says how well two thousand runs tell the model's own "
            "odds, and nothing of how well the model tells the world's."
        ),
    ])  # fmt: skip
    return (table,)


@app.cell
def about_sweep(catalogue, mo):
    men = catalogue()["forces.R0"]
    mo.md(
        f"""
        ## 3 A sweep

        How far do the odds hang on one number? Take `forces.R0`: {men.about}. Reports give {men.value:g} {men.unit};
        between {men.low:g} and {men.high:g} is plausible (grade {men.grade}: {men.source}). A sweep plays the crisis
        at several values. Every value meets the same luck, so what differs between them is the number's own doing.

        **Before you look:** will a larger column make a rebel victory likelier? And a negotiated exit?
        """
    )


@app.cell
def sweep(ENDINGS, Path, frame, main, mo, tempfile):
    folder = tempfile.TemporaryDirectory(prefix="rubicon-notebook-")  # gone when the notebook is closed
    results = Path(folder.name)
    asked = ["sweep", "R0=3,4,5,6,7,8", "seed=1", "replications=300", f"out={results}", "name=men"]
    assert main(asked) == 0
    swept = results / "sweep" / "historical" / "men"
    points = frame(swept, "summary")
    told = points[
        ["forces.R0", "share_rebels_win", "share_government_concedes", "share_negotiated_exit", "share_crushed"]
    ]
    print(told.round(3).to_string(index=False))
    curves = swept / "figures" / "response_curves.png"
    mo.vstack([
        mo.md(f"On the command line: `rubicon {' '.join(asked[:4])}`. It wrote a folder with this figure:"),
        mo.image(curves.read_bytes(), alt="Shares of the endings against men in the column"),
        mo.md(
            "Which endings take what the exits lose? A stronger hand is not only for winning: it also asks for more "
            "at the table. Three hundred runs a point leave wide bands; say only what the bands allow."
        ),
    ])  # fmt: skip
    return folder, results


@app.cell
def about_comparison(mo):
    mo.md(
        """
        ## 4 A comparison

        Was the mediator needed? Compare the historical setting with one in which nobody is there to lend his rank.
        Replicate 17 meets the same luck in both worlds, so each crisis has a twin. We count only twins that end
        differently, which is seldom less sure and mostly much surer than two separate samples.
        """
    )


@app.cell
def comparison(ENDINGS, Ending, mo, np, paired_share_interval, runs, table, transitions):
    without = runs("scenario=no_mediator", n=len(table["outcome"]), seed=1)
    moves = transitions(table["outcome"], without["outcome"])
    code = int(Ending.NEGOTIATED_EXIT)
    plus, minus = int(moves[:, code].sum() - moves[code, code]), int(moves[code].sum() - moves[code, code])
    gap = paired_share_interval(plus, minus, len(table["outcome"]))
    differ = 1 - np.trace(moves) / moves.sum()
    lost = sorted(((int(moves[code, k]), ENDINGS[k]) for k in range(len(ENDINGS)) if k != code), reverse=True)
    change = (plus - minus) / len(table["outcome"])
    print(f"without the mediator: exits {change:+.1%} ({gap[0]:+.1%} to {gap[1]:+.1%}); {differ:.0%} of twins differ")
    mo.md(
        f"Without the mediator exits change by **{100 * change:+.1f} points** (95 % interval {100 * gap[0]:+.1f} to "
        f"{100 * gap[1]:+.1f}). {differ:.0%} of the crises end otherwise than their twins. Of {minus} lost exits, "
        + ", ".join(f"{count} become {name.replace('_', ' ')}" for count, name in lost if count)
        + f". {plus} exits are new: once two stories part, the same luck meets other questions."
    )


@app.cell
def full_comparison(main, mo, results):
    versus = ["compare", "scenarios=[historical,no_mediator,strong_guarantee]", "seed=1", "replications=1500"]
    assert main([*versus, "parting=100", f"out={results}", "name=mediator"]) == 0
    picture = next(results.glob("compare/*/mediator/figures/paired_differences.png"))
    mo.vstack([
        mo.md(
            f"`rubicon {' '.join(versus)}` does this for every ending and cost at once. Its intervals hold for all "
            "of them together and at whatever size you stop, so they are wider than the one above. Hollow marks are "
            "not settled: about those nothing is claimed."
        ),
        mo.image(picture.read_bytes(), alt="Differences from the historical setting, with intervals"),
    ])  # fmt: skip


@app.cell
def questions(mo):
    mo.md(
        """
        ## To go on

        - Play replicate 3 again with `crisis("scenario=no_mediator", seed=1, replicate=3)`. At which step do the
          stories part?
        - Sweep the mediator's rank instead: `channels.mediator.status=0.5,0.6,0.7,0.8,0.9,1`. Its grade is
          *judgement*: what would you need to know to narrow its range?
        - Find a number to which the odds do not answer at all. Is that a finding about the crisis, or about the
          model?
        - `rubicon explore` has the same model under sliders; `rubicon play seat=mediator` puts you in a chair.
        """
    )


if __name__ == "__main__":
    app.run()
