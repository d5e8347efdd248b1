"""Two ways to run the rule book: `mesa_engine` (one agent a seat, readable) and `kernel` (millions of crises)."""
