"""Figures of `rubicon tension`."""
