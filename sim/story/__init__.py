"""One crisis told: its events in words, and the odds of the endings along it."""
