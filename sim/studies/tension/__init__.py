"""`rubicon tension`: odds of the endings along a run, and what moved them."""
