"""``avocado vexfs corpus train``: the weights and the model card from a corpus."""

import argparse
from pathlib import Path

from vexfs_provider.detection.classifier.corpus import LABELS, samples
from vexfs_provider.detection.classifier.evaluate import evaluation
from vexfs_provider.detection.classifier.model import WEIGHTS, load
from vexfs_provider.errors import InfrastructureError, UsageError
from vexfs_provider.paths import cache_root
from vexfs_provider.progress import Progress

_DOCS = WEIGHTS.parents[3] / "docs"  # of a checkout


def run_train(args: argparse.Namespace, progress: Progress | None = None) -> int:
    """Train, write the weights and their card, tell the figures; returns the exit code.

    Raises ``UsageError`` for a corpus that is none or too small, ``InfrastructureError`` where
    numpy is not installed or a file cannot be written.
    """
    try:
        from vexfs_provider.detection.classifier import card, train
    except ImportError as error:
        raise InfrastructureError(
            f"training needs numpy ({error}); run: pip install 'vexfs-provider[ml]'"
        ) from error
    trained = train.train(samples(_corpus(args.corpus)), args.seed, progress or Progress())
    out: Path = args.out or WEIGHTS
    described = _card(out)
    try:
        train.save(trained, out)
        described.write_text(card.text(trained))
    except OSError as error:
        raise InfrastructureError(f"cannot write {error.filename}: {error.strerror}") from error
    print(card.summary(trained))
    if args.evaluate:
        print(evaluation(args.evaluate, load(out)))
    print(f"weights: {out}\nmodel card: {described}")
    return 0


def _card(out: Path) -> Path:
    """The card of the weights that a checkout comes with is for its readers, others stay beside."""
    return (_DOCS if out == WEIGHTS and _DOCS.is_dir() else out.parent) / "model-card.md"


def _corpus(named: Path | None) -> Path:
    """The folder that was named, or the newest that ``corpus build`` keeps."""
    if named:
        return named
    kept = (cache_root() / "corpus").glob(f"*/{LABELS}")
    newest = max(kept, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        raise UsageError("no corpus is kept; make one: avocado vexfs corpus build")
    return newest.parent
