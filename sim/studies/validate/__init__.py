"""`rubicon validate`: patterns, rival accounts, and the jury on the expected directions."""
