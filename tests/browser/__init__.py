"""Tests that drive a real Chromium; a package, so that one browser serves all of them in a worker."""
