"""Figures of `rubicon sensitivity`."""
