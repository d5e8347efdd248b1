"""`rubicon sensitivity`: screening, indices, assumption debt."""
