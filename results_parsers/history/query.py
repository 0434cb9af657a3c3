"""Questions in SQL: to the history itself, or to DuckDB, which counts millions of rows sooner."""

import contextlib
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from results_parsers.errors import ResultsError, UsageError
from results_parsers.history.database import History
from results_parsers.history.export import export_csv


@dataclass(frozen=True)
class Answer:
    """A table: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


def ask_sqlite(history: History, sql: str) -> Answer:
    """Ask the history itself, which cannot be changed so. Raises ``UsageError`` for bad SQL."""
    path = history.path.resolve()
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        with contextlib.closing(connection):
            cursor = connection.execute(sql)
            return _answer(cursor.description, cursor.fetchall())
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise UsageError(f"SQL = {sql!r}: {error}") from error


def ask_duckdb(history: History, sql: str) -> Answer:
    """Ask DuckDB about the tables of the export: ``tests``, ``metrics`` and ``findings``.

    Raises ``ResultsError`` where it is not installed, ``UsageError`` for bad SQL.
    """
    try:
        import duckdb  # half a second to import
    except ImportError as error:
        raise ResultsError(
            "this needs DuckDB; run: pip install 'vexfs-provider[duckdb]'"
        ) from error
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        for path in export_csv(history, Path(folder)):
            connection.execute(
                f"CREATE TABLE {path.stem} AS SELECT * FROM read_csv(?, header = true)", [str(path)]
            )
        # From here on it has no business with files.
        connection.execute("SET enable_external_access = false")
        try:
            answer = connection.execute(sql)
            return _answer(answer.description, answer.fetchall())
        except duckdb.Error as error:
            raise UsageError(f"SQL = {sql!r}: {error}") from error


def _answer(description: Any, rows: list[Any]) -> Answer:
    columns = tuple(column[0] for column in description or ())
    return Answer(columns, [tuple(row) for row in rows])
