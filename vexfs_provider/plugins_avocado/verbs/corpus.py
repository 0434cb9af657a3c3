"""Make the corpus of crash logs that the project owns, and train the classifier on it."""

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="provoke crashes in guests and keep their consoles")
    build.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where to put it (default: in the cache, named after what it is made from)",
    )
    build.add_argument(
        "--kernel",
        metavar="NAME",
        action="append",
        help="kernel, as in guest_kernel; may be repeated (default: 6.1, 6.12, 6.12-generic,"
        " and the debug kernels that are built)",
    )
    build.add_argument(
        "--count-benign",
        type=int,
        metavar="N",
        default=250,
        help="how many guests crash nothing (default: %(default)s)",
    )
    build.add_argument(
        "--seed", type=int, metavar="N", default=1, help="of all choices (default: %(default)s)"
    )
    train = actions.add_parser("train", help="train the classifier on a corpus")
    train.add_argument(
        "--corpus", type=Path, metavar="FOLDER", help="as build has printed it (default: its last)"
    )
    train.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to put the weights (default: in use at once)",
    )
    train.add_argument(
        "--seed", type=int, metavar="N", default=1, help="of all choices (default: %(default)s)"
    )
    train.add_argument(
        "--evaluate", type=Path, metavar="FOLDER", help="another labelled corpus to judge it on"
    )


def run(args: argparse.Namespace) -> int:
    if args.action == "train":
        from vexfs_provider.detection.classifier.verb import run_train

        return run_train(args)
    return _build(args)


def _build(args: argparse.Namespace) -> int:
    from vexfs_provider.corpus.whole import KERNELS, Plan, build_corpus, default_folder
    from vexfs_provider.errors import UsageError
    from vexfs_provider.progress import Progress
    from vexfs_provider.store import Store

    if args.count_benign < 0:
        raise UsageError(f"--count-benign {args.count_benign}: allowed are 0 and more")
    kernels = tuple(args.kernel or KERNELS)
    plan = Plan(kernels, args.count_benign, args.seed, with_debug=not args.kernel)
    store = Store()
    folder = args.out.absolute() if args.out else default_folder(plan, store)
    if not args.out and folder.is_dir():
        print(f"it is there: {folder}")
        return 0
    summary = build_corpus(plan, folder, store=store, progress=Progress())
    for sentence in summary.missed:
        print(sentence)
    print(
        f"{summary.crashes} crashes of {len(summary.kinds)} kinds and {summary.benign} consoles"
        f" without one, in {summary.logs} logs: {folder}"
    )
    return 0
