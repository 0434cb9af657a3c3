"""Options that several verbs have."""

import argparse
from pathlib import Path

from results_parsers.history import default_path


def add_db(parser: argparse.ArgumentParser) -> None:
    """``--db FILE``."""
    help_text = f"the history (default: {default_path()})"
    parser.add_argument("--db", type=Path, default=default_path(), metavar="FILE", help=help_text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")
