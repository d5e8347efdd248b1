"""From run tables to numbers."""
