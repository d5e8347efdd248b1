"""Figures of `rubicon hinge`."""
