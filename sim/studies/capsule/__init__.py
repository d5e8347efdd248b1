"""`rubicon capsule`: one run as a short text that replays bit for bit."""
