"""Run directories: the only reader and writer of files under `results/`."""

from sim.errors import RecordError
from sim.record.disk import Held, alone, sync, sync_folder, whole
from sim.record.folders import (
    UNFINISHED,
    Finished,
    Place,
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
    "Held",
    "Place",
    "RecordError",
    "RunSet",
    "again",
    "alone",
    "digest",
    "directory",
    "finished",
    "load",
    "read_any",
    "read_table",
    "save_figure",
    "stamp",
    "sync",
    "sync_folder",
    "versions",
    "whole",
    "write_json",
    "write_table",
    "write_text",
]
