"""`rubicon disclose`: what it is worth to tell one private fact to one actor."""
