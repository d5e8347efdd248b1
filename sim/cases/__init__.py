"""The case shelf: comparable episodes, read from a table and coded into numbers of the model.

Only what was known before the ending is coded (`INPUTS`); answers and all other columns are
kept apart. `reading` takes any table with the columns, `coding` turns a row into numbers,
`shelf` keeps one YAML file an episode in `conf/cases/`.
"""

from sim.cases.reading import ANSWERS, CLASSES, INPUTS, Case, CaseError, Reading, read_csv

__all__ = ["ANSWERS", "CLASSES", "INPUTS", "Case", "CaseError", "Reading", "read_csv"]
