"""The explorer: one crisis to step through on the Mesa engine, and the odds of its endings under the sliders."""
