"""Figures of `rubicon backtest`."""
