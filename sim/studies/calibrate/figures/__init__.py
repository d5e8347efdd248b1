"""Figures of `rubicon calibrate`."""
