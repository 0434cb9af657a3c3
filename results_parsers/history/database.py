"""The file of the history: opened, brought to today's tables, read and written."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from results_parsers.errors import ResultsError
from results_parsers.history.migrations import STEPS

BUSY_TIMEOUT_S = 30.0
POLL_S = 0.01


def default_path() -> Path:
    """``$XDG_STATE_HOME/vexfs-provider/history.sqlite``."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "vexfs-provider" / "history.sqlite"


class History:
    """An open history; ``connection`` is in autocommit mode, writers use ``transaction``."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self.connection = connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written within is there afterwards, or nothing of it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


@contextlib.contextmanager
def open_history(path: Path, *, create: bool = False) -> Iterator[History]:
    """The history in a file, which is made if ``create`` and not there.

    Several may read while one writes (SQLite's write-ahead log). Raises ``ResultsError`` for what
    is no history or one of a newer version, and for what SQLite cannot do (a full disk).
    """
    if not create and not path.exists():
        raise ResultsError(f"{path}: no history there; run: vexfs-results ingest --db {path} JOB…")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        with contextlib.closing(connection):
            _prepare(path, connection)
            yield History(path, connection)
    except (sqlite3.Error, OSError) as error:
        raise ResultsError(f"{path}: {error}") from error


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # In one question: another process may be making the tables.
    version, tables = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version"
    ).fetchone()
    if version == len(STEPS):
        # With a write-ahead log that survives: a lost last job is ingested again.
        connection.execute("PRAGMA synchronous = NORMAL")
        return
    if version > len(STEPS):
        raise ResultsError(
            f"{path}: a history of version {version}; this program knows up to {len(STEPS)}"
        )
    if version == 0 and tables:
        raise ResultsError(f"{path}: a database, but no history of jobs")
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    _migrate(connection)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself here for others who do the same."""
    end = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(POLL_S)


def _migrate(connection: sqlite3.Connection) -> None:
    """Make the steps that are missing; another process may be at it as well."""
    while True:
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version >= len(STEPS):
            connection.execute("ROLLBACK")
            return
        try:
            for statement in _statements(STEPS[version]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """``executescript`` would commit before it begins."""
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""
