"""`rubicon calibrate`: what the patterns of the case tell of the numbers."""
