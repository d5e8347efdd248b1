"""Figures of `rubicon sweep`."""
