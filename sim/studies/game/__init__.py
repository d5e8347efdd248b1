"""`rubicon game`: the moment as an extensive-form game, solved and set beside the simulation."""
