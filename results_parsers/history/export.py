"""The history as tables for other tools: CSV, or Parquet where pyarrow is installed."""

import contextlib
import csv
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from results_parsers.errors import ResultsError
from results_parsers.history.database import History

TABLES = {
    "tests": """
        SELECT tests.id AS test, job_id, folder, complete, name, status, reason, seconds,
            tests.started AS started, level, scenario, filesystem, kernel, kernel_release,
            accelerator, host_class, logdir
        FROM tests JOIN jobs ON jobs.id = tests.job ORDER BY tests.id""",
    "metrics": """
        SELECT test, name, unit, better, value, samples, noisy, reference, ratio
        FROM metrics ORDER BY test, name""",
    "findings": """
        SELECT test, place, title, kind, severity, expected, known, count
        FROM findings ORDER BY test, place""",
}
"""What is exported, each a file; ``test`` joins them."""

BATCH = 10_000


def export_csv(history: History, folder: Path) -> list[Path]:
    """Write one CSV file of each table (RFC 4180, UTF-8) into a folder; returns their paths."""
    return [_write(folder / f"{name}.csv", _csv, _rows(history, name)) for name in TABLES]


def export_parquet(history: History, folder: Path) -> list[Path]:
    """The same as Parquet files. Raises ``ResultsError`` without pyarrow."""
    try:
        import pyarrow  # noqa: F401  # half a second to import
    except ImportError as error:
        raise ResultsError(
            "Parquet needs pyarrow; run: pip install 'vexfs-provider[parquet]'"
        ) from error
    return [_write(folder / f"{name}.parquet", _parquet, _rows(history, name)) for name in TABLES]


def _rows(history: History, table: str) -> sqlite3.Cursor:
    return history.connection.execute(TABLES[table])


def _write(path: Path, write: Any, rows: sqlite3.Cursor) -> Path:
    """The whole file or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            write(file, rows)
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
    return path


def _csv(file: IO[bytes], rows: sqlite3.Cursor) -> None:
    import io

    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    writer = csv.writer(text)
    writer.writerow(_names(rows))
    writer.writerows(rows)
    text.flush()
    text.detach()


def _parquet(file: IO[bytes], rows: sqlite3.Cursor) -> None:
    import pyarrow
    from pyarrow import parquet

    names = _names(rows)
    types = {int: pyarrow.int64(), float: pyarrow.float64(), str: pyarrow.string()}
    schema = pyarrow.schema([(name, types[_TYPES.get(name, str)]) for name in names])
    with parquet.ParquetWriter(file, schema) as writer:
        for batch in _batches(rows):
            columns = zip(*batch, strict=True)
            arrays = [
                pyarrow.array(column, type=field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


_TYPES: dict[str, type] = {
    **dict.fromkeys(("test", "place", "complete", "level", "noisy"), int),
    **dict.fromkeys(("expected", "known", "count"), int),
    **dict.fromkeys(("seconds", "started", "value", "ratio"), float),
}


def _names(rows: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in rows.description]


def _batches(rows: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    while batch := rows.fetchmany(BATCH):
        yield [tuple(row) for row in batch]
