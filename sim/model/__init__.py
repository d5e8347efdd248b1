"""The model: what a crisis is, the numbers, luck, rules, doctrines, and the one order of a step."""
