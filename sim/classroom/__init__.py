"""A game around the crisis: people in some seats, doctrines in the others, the same rules.

Knows no web and prints nothing.
"""
