"""Open a console in a fresh warm guest, with a filesystem mounted if one is named.

The guest is thrown away when the console is left.
"""

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--filesystem", metavar="NAME", help="make this filesystem on a test disk and mount it"
    )
    parser.add_argument(
        "--kernel",
        metavar="NAME",
        default="6.1",
        help="kernel, as in guest_kernel (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    from vexfs_provider.runner.shell import open_shell

    return open_shell(filesystem=args.filesystem, kernel=args.kernel)
