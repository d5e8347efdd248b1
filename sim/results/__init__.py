"""Run directories: the only reader and writer of files under `results/`."""

from sim.errors import RecordError
from sim.results.disk import Held, alone, sync, sync_folder, whole
from sim.results.folders import (
    Finished,
    RunSet,
    finished,
    load,
    read_json,
    read_yaml,
    save_figure,
    stamp,
    understood,
    versions,
    write_json,
    write_text,
)
from sim.results.parts import read_any
from sim.results.place import UNFINISHED, Place, again, check_folder, check_name, check_place, directory
from sim.results.tables import PLAIN, damaged, digest, read_table, write_table

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
    "check_folder",
    "check_name",
    "check_place",
    "damaged",
    "digest",
    "directory",
    "finished",
    "load",
    "read_any",
    "read_json",
    "read_table",
    "read_yaml",
    "save_figure",
    "stamp",
    "sync",
    "sync_folder",
    "understood",
    "versions",
    "whole",
    "write_json",
    "write_table",
    "write_text",
]
