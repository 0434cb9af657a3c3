"""Name the functions of a filesystem's module that no scenario has called, or the lines.

The jobs must have run with the parameter coverage = functions, or lines. Exit code: 0 if there is
something to tell, 2 for a wrong use, 3 if no test of the jobs has noted what it called.
"""

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "job",
        nargs="+",
        type=Path,
        metavar="JOB",
        help="an Avocado job folder, or its results.json",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    import json

    from results_parsers.coverage import ModuleCoverage, merge_jobs
    from results_parsers.job import BadResults
    from results_parsers.line_coverage import LinesOfModule, merge_lines
    from vexfs_provider.errors import InfrastructureError

    try:
        modules: list[ModuleCoverage | LinesOfModule] = [
            *merge_jobs(args.job),
            *merge_lines(args.job),
        ]
    except BadResults as error:
        raise InfrastructureError(str(error)) from error
    if not modules:
        raise InfrastructureError(
            "no test of these jobs has noted which functions it called; run them with: "
            "--vt-extra-params coverage=functions (or lines, of a module built with --coverage)"
        )
    if args.json:
        print(json.dumps([module.to_dict() for module in modules], indent=1))
    else:
        print("\n\n".join(module.in_words() for module in modules))
    return 0
