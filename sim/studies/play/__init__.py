"""`rubicon play`: one seat in the terminal."""
