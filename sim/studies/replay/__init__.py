"""`rubicon replay` and `rubicon story`: one run hour by hour."""
