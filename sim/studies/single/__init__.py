"""Studies of one crisis: its story, its tension line, its hinges, its capsule."""
