"""The hand-out pack: everything a class needs on paper, made from the configuration of the game."""
