"""`rubicon run`: many crises of one setting."""
