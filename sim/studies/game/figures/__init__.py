"""Figures of `rubicon game`."""
