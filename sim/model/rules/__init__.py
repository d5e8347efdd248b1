"""What happens: the rule book. Pure functions, and phases that write the working state.

A *rule* maps numbers to numbers. A *phase* (`observe`, `march`, ...) applies rules to one
working state in the order of `turn.py`; it writes only the fields that its docstring names.
Neither draws luck from anywhere but `sim.model.luck`, at an address.
"""
