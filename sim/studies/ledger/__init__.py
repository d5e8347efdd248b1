"""`rubicon ledger`: what mediation is worth."""
