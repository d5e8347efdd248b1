"""Figures of `rubicon run`."""
