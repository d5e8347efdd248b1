"""Figures of `rubicon disclose`."""
