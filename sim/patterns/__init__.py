"""What happened in a case, as patterns with accepted ranges: their facts from runs, and their scores."""
