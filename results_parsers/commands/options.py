"""Options that several verbs have."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from results_parsers.errors import ResultsError
from results_parsers.history import default_path


def add_db(parser: argparse.ArgumentParser) -> None:
    """``--db FILE``."""
    help_text = f"the history (default: {default_path()})"
    parser.add_argument("--db", type=Path, default=default_path(), metavar="FILE", help=help_text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


@contextlib.contextmanager
def needs_numbers() -> Iterator[None]:
    """Imports within need the extra ``results``. Raises ``ResultsError`` where it is missing."""
    try:
        yield
    except ImportError as error:
        raise ResultsError(
            f"this needs {error.name}; run: pip install 'vexfs-provider[results]'"
        ) from error
