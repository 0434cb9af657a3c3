"""Ask the history a question in SQL, with --engine duckdb for those over millions of rows.

Tables: jobs, tags, tests, metrics, findings; of DuckDB: tests, metrics, findings, as exported.
"""

import argparse
import csv
import json
import sys

from results_parsers.commands.options import add_db, add_json
from results_parsers.history import open_history
from results_parsers.history.query import ask_duckdb, ask_sqlite

ENGINES = {"sqlite": ask_sqlite, "duckdb": ask_duckdb}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sql", metavar="SQL", help="a SELECT; nothing can be changed")
    parser.add_argument("--engine", choices=sorted(ENGINES), default="sqlite")
    add_db(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    with open_history(options.db) as history:
        answer = ENGINES[options.engine](history, options.sql)
    if options.json:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        print(json.dumps(rows, indent=2, default=str))
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(answer.rows)
    return 0
