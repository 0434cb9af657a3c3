"""Write Grafana's dashboard of the metrics, to be imported there (Dashboards, New, Import)."""

import argparse
from pathlib import Path

from results_parsers.errors import ResultsError, UsageError
from results_parsers.reports.write import write_text


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="ends with .json")


def run(options: argparse.Namespace) -> int:
    if options.file.suffix != ".json":
        raise UsageError(f"FILE = {options.file}: Grafana imports *.json only")
    try:
        from results_parsers.grafana.dashboard import render
    except ImportError as error:
        raise ResultsError(
            "a dashboard needs grafana-foundation-sdk; run: pip install 'vexfs-provider[grafana]'"
        ) from error
    try:
        write_text(options.file, render())
    except OSError as error:
        raise ResultsError(f"FILE = {options.file}: {error.strerror or error}") from error
    print(options.file)
    return 0
