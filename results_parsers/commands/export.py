"""Write the history as CSV or Parquet files, for other tools."""

import argparse
from pathlib import Path

from results_parsers.commands.options import add_db
from results_parsers.history import open_history
from results_parsers.history.export import export_csv, export_parquet

FORMATS = {"csv": export_csv, "parquet": export_parquet}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the files are written; made if need be")
    parser.add_argument("--format", choices=sorted(FORMATS), default="csv")
    add_db(parser)


def run(options: argparse.Namespace) -> int:
    with open_history(options.db) as history:
        for path in FORMATS[options.format](history, options.folder):
            print(path)
    return 0
