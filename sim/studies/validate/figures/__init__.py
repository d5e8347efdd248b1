"""Figures of `rubicon validate`."""
