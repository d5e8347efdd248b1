"""The debrief on paper: one page that holds all it shows, and the files of a game."""
