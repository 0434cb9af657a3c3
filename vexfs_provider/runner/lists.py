"""Where the lists of operations that have shown a finding are saved: ``repro/TITLE.ops``."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from vexfs_provider.ops import text
from vexfs_provider.ops.operations import Operation
from vexfs_provider.params import TestConfig

FOLDER = "repro"
NAME_LENGTH = 60


def save_lists(
    folder: Path,
    lists: Mapping[str, tuple[Operation, ...]],
    config: TestConfig,
    references: tuple[str, ...],
) -> None:
    """Save each finding's list as it is, for ``reduce_all`` or for ``avocado vexfs replay``."""
    for title, operations in lists.items():
        facts = {
            "title": title,
            "filesystem": config.filesystem,
            "reference": ",".join(references),
            "kernel": config.guest.kernel,
        }
        text.save(folder / FOLDER / f"{name_of(title)}.ops", operations, facts)


def name_of(title: str) -> str:
    """A file name for a title: its words, and a digest where they do not say all."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    if len(words) <= NAME_LENGTH:
        return words or "finding"
    digest = hashlib.sha256(title.encode()).hexdigest()[:8]
    return f"{words[:NAME_LENGTH].rstrip('-')}-{digest}"
