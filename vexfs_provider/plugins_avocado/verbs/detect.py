"""Say what kernels reported in their logs; the same as vexfs-detect, which needs no Avocado.

Exit code: 1 if a log tells of a crash, 0 if none does, 3 if one could not be read.
"""

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    # As in detection.command, whose rules are not to be imported by every Avocado command.
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a log, a directory of logs, or -")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a line of JSON for each log")
    form.add_argument(
        "--rank",
        action="store_true",
        help="also list the logs without a crash, the most suspicious first",
    )


def run(args: argparse.Namespace) -> int:
    from vexfs_provider.detection.command import run as detect

    return detect(args)
