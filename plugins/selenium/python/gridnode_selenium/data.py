"""Data rows for iterations: shared by all users, each row to one iteration, from the start again after the last."""

import csv
import threading
from itertools import islice
from pathlib import Path
from typing import Any, Dict, List, Union

ROWS_MAX = 1_000_000


class DataError(Exception):
    """What is wrong with the plan's data."""


class Rows:
    """Hands out rows. Thread safe."""

    def __init__(self, rows: List[Dict[str, Any]]):
        self._rows = rows
        self._lock = threading.Lock()
        self._next = 0

    @classmethod
    def of(cls, data: Union[None, str, List[Dict[str, Any]]], directory: Path) -> "Rows":
        """From a plan's `DATA`: the name of a CSV file with a header, or a list of dicts."""
        if data is None:
            return cls([])
        if isinstance(data, str):
            return cls(_read(directory / data))
        try:
            rows = list(islice(data, ROWS_MAX))
        except TypeError as error:
            raise DataError("DATA must be the name of a CSV file or a list of dicts") from error
        if not all(isinstance(row, dict) for row in rows):
            raise DataError("DATA must be the name of a CSV file or a list of dicts")
        return cls(rows)

    def take(self) -> Dict[str, Any]:
        """The next row, a copy of it; empty where there are no data."""
        with self._lock:
            if not self._rows:
                return {}
            row = self._rows[self._next % len(self._rows)]
            self._next += 1
            return dict(row)


def _read(path: Path) -> List[Dict[str, Any]]:
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [row for _, row in zip(range(ROWS_MAX), csv.DictReader(file))]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"the data file {path.name} of the plan cannot be read: {error}") from error
    if not rows:
        raise DataError(f"the data file {path.name} of the plan has no rows below its header")
    return rows
