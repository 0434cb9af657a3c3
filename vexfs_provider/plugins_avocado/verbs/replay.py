"""Run a list of operations again, on a fresh guest, and say whether its finding shows.

Exit code: 1 if it shows, 0 if not, 3 if it could not be run.
"""

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a list of operations (.ops)")
    parser.add_argument(
        "--filesystem", metavar="NAME", help="the filesystem to run it on (default: as in FILE)"
    )
    parser.add_argument(
        "--reference",
        metavar="NAME[,NAME...]",
        help="the filesystems to compare it with (default: as in FILE)",
    )
    parser.add_argument(
        "--kernel", metavar="NAME", help="kernel, as in guest_kernel (default: as in FILE)"
    )
    parser.add_argument(
        "--tries", metavar="N", type=int, default=1, help="run it so many times (default: 1)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    from vexfs_provider.runner.replay import replay

    return replay(
        args.file,
        filesystem=args.filesystem,
        reference=args.reference,
        kernel=args.kernel,
        tries=args.tries,
        as_json=args.json,
    )
