"""`rubicon compare`: settings side by side under common luck."""
