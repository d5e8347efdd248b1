"""Builders of tables and pictures of the documents; no part of the package."""
