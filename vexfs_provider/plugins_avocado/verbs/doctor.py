"""Say what this machine has and lacks for running the tests, and what mends it."""

import argparse
import json


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of a table")


def run(args: argparse.Namespace) -> int:
    from vexfs_provider.runner import doctor

    needs = doctor.examine()
    if args.json:
        print(json.dumps([need.as_json() for need in needs], indent=1))
    else:
        print(doctor.table(needs))
    return doctor.exit_code(needs)
