"""Build an out-of-tree kernel module, and tools that belong to it, for a guest's kernel."""

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="build with plain kbuild against the kernel's headers")
    build.add_argument(
        "--name", required=True, help="the module's name, as in a filesystem's profile"
    )
    build.add_argument(
        "--source", required=True, type=Path, metavar="DIR", help="folder of its kbuild file"
    )
    build.add_argument(
        "--kernel",
        metavar="NAME",
        action="append",
        help="kernel, as in guest_kernel; may be repeated (default: 6.1)",
    )
    build.add_argument(
        "--patch",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="patch (-p1) for a copy of the source; may be repeated",
    )
    build.add_argument("--cflags", metavar="FLAGS", default="", help="given to kbuild as KCFLAGS")
    build.add_argument(
        "--coverage",
        action="store_true",
        help="count how often each line is run, for coverage = lines; needs --kernel debug",
    )
    build.add_argument(
        "--tool",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="a program for the guest: a C file to compile, else copied; may be repeated",
    )


def run(args: argparse.Namespace) -> int:
    from vexfs_provider.guest.kernel import get_kernel
    from vexfs_provider.guest.module import build_module
    from vexfs_provider.progress import Progress
    from vexfs_provider.store import Store

    store, progress = Store(), Progress()
    for name in args.kernel or ["6.1"]:
        module = build_module(
            args.name,
            args.source,
            kernel=get_kernel(name, store=store, progress=progress),
            patches=args.patch,
            cflags=args.cflags,
            tools=args.tool,
            coverage=args.coverage,
            store=store,
            progress=progress,
        )
        objects = ", ".join(path.name for path in module.objects)
        print(f"module {module.name} for {module.kernel_release}: {objects} in {module.folder}")
    return 0
