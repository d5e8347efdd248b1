"""`rubicon sweep`: the plan of a design, where its parts are played, its tests of itself, what it says."""
