"""Run directories: the only reader and writer of files under `results/`."""

from sim.record.folders import (
    UNFINISHED,
    Finished,
    Place,
    RecordError,
    RunSet,
    again,
    directory,
    finished,
    load,
    save_figure,
    stamp,
    versions,
    write_json,
    write_text,
)
from sim.record.parts import read_any
from sim.record.tables import PLAIN, digest, read_table, write_table

__all__ = [
    "PLAIN",
    "UNFINISHED",
    "Finished",
    "Place",
    "RecordError",
    "RunSet",
    "again",
    "digest",
    "directory",
    "finished",
    "load",
    "read_any",
    "read_table",
    "save_figure",
    "stamp",
    "versions",
    "write_json",
    "write_table",
    "write_text",
]
