"""Build, list and prune what guests are started from: images, kernels, warm snapshots."""

import argparse
import sys

EXIT_INTERRUPTED = 130  # as a shell says of a command that Ctrl-C ended


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="build what is missing, then prove it by a warm start")
    build.add_argument(
        "--guest", metavar="RECIPE", default="debian12", help="guest recipe (default: %(default)s)"
    )
    build.add_argument(
        "--kernel",
        metavar="NAME",
        action="append",
        help="kernel, as in guest_kernel; may be repeated (default: 6.1)",
    )
    actions.add_parser("list", help="show what is built, with its size")
    prune = actions.add_parser("prune", help="remove what no recipe leads to any more")
    prune.add_argument("--all", action="store_true", help="remove everything that was built")


def run(args: argparse.Namespace) -> int:
    from vexfs_provider.runner import guests
    from vexfs_provider.settings import load_settings
    from vexfs_provider.store import Store

    settings, store = load_settings(), Store()
    if args.action == "build":
        return _build(args.guest, args.kernel or ["6.1"])
    if args.action == "list":
        print(guests.table(guests.listing(store), store))
    else:
        stale = guests.listing(store) if args.all else guests.stale(settings=settings, store=store)
        for artefact in stale:
            store.remove(artefact.kind, artefact.key)
            print(f"removed {artefact.label} ({artefact.size_mib} MiB)")
        print(f"{sum(artefact.size_mib for artefact in stale)} MiB freed in {store.root}")
    return 0


def _build(guest: str, kernels: list[str]) -> int:
    from vexfs_provider.isolation.orphans import Interrupted, end_on_sigterm
    from vexfs_provider.progress import Progress
    from vexfs_provider.runner import guests
    from vexfs_provider.settings import load_settings
    from vexfs_provider.store import Store

    settings, store, progress = load_settings(), Store(), Progress()
    end_on_sigterm()
    try:
        for kernel in kernels:
            start = guests.build(guest, kernel, settings=settings, store=store, progress=progress)
            print(f"guest {guest}, kernel {kernel}: ready, warm start in {start.seconds:.2f} s")
    except (Interrupted, KeyboardInterrupt):
        print("avocado vexfs: ended; a kernel compiled in part is kept", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0
