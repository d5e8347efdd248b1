"""`rubicon backtest`: past episodes predicted and scored beside reference lines."""
