"""`rubicon hinge`: the smallest change that flips a run."""
