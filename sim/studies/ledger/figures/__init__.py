"""Figures of `rubicon ledger`."""
