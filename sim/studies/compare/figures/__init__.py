"""Figures of `rubicon compare`."""
