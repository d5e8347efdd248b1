"""Figures of `rubicon replay`."""
