"""Where logs come from: files, directories of them, pstore records, the standard input."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from vexfs_provider.errors import InfrastructureError, UsageError

STDIN = "-"
CHUNK = 1 << 24  # bytes read at a time

_NO_LOGS = frozenset({".json", ".jsonl", ".html", ".svg", ".png", ".pdf", ".npz", ".ops"})
"""Suffixes of what stands beside logs in a directory and is none."""

# What the kernel writes first into a record of pstore (fs/pstore/platform.c, pstore_dump): the
# reason, the number of the dump, the number of the part, of which the first has the last lines.
_PART = re.compile(rb"([A-Z][A-Za-z]{2,15})#(\d{1,9}) Part(\d{1,9})\n")


@dataclass(frozen=True)
class Log:
    """A log by its ``id``, the file's name without its suffix; ``files`` follow each other.

    No files: the standard input. ``skip``: bytes at the begin of each that are no part of the log.
    """

    id: str
    files: tuple[Path, ...] = ()
    skip: tuple[int, ...] = field(default=(), compare=False)

    @property
    def live(self) -> bool:
        """Whether it may still be growing, and without end."""
        return not self.files

    def chunks(self) -> Iterator[bytes]:
        """The log's bytes, a piece at a time; of a live log as they come.

        Raises ``InfrastructureError`` for a file that cannot be read.
        """
        if self.live:
            yield from _live(sys.stdin.buffer)
        for path, skip in zip(self.files, self.skip or (0,) * len(self.files), strict=True):
            yield from _read(path, skip)


def find_logs(paths: Iterable[str]) -> list[Log]:
    """The logs that paths name: a file, ``-``, or a directory with all files below it.

    The parts of a dump that pstore has cut (``dmesg-efi-…``, ``dmesg-ramoops-…``) are one log.
    Raises ``UsageError`` for a path that does not exist and for a directory without logs.
    """
    logs: list[Log] = []
    for path in paths:
        if path == STDIN:
            logs.append(Log("stdin"))
        elif Path(path).is_dir():
            logs += _in_directory(Path(path))
        elif Path(path).exists():
            logs.append(Log(Path(path).stem, (Path(path),)))
        else:
            raise UsageError(f"no such file or directory: {path!r}; - stands for standard input")
    return logs


def _in_directory(directory: Path) -> list[Log]:
    files = sorted(path for path in directory.rglob("*") if path.is_file() and _is_log(path))
    if not files:
        raise UsageError(f"directory {str(directory)!r} holds no log")
    return list(_joined(files))


def _is_log(path: Path) -> bool:
    return path.suffix not in _NO_LOGS and not path.name.startswith(".")


def _joined(files: Sequence[Path]) -> Iterator[Log]:
    """A log a file, but one for all parts of a dump."""
    dumps: dict[tuple[Path, bytes, bytes], list[tuple[int, Path, int]]] = defaultdict(list)
    for path in files:
        part = _PART.match(_head(path)) if path.name.startswith("dmesg") else None
        if part:
            reason, number, place = part.groups()
            dumps[path.parent, reason, number].append((int(place), path, part.end()))
        else:
            yield Log(path.stem, (path,))
    for parts in dumps.values():
        parts.sort(reverse=True)
        yield Log(parts[-1][1].stem, tuple(p for _, p, _ in parts), tuple(n for *_, n in parts))


def _head(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read(64)


def _read(path: Path, skip: int) -> Iterator[bytes]:
    with _opened(path) as file:
        file.seek(skip)
        while chunk := file.read(CHUNK):
            yield chunk


def _opened(path: Path) -> BinaryIO:
    try:
        return open(path, "rb")
    except OSError as error:
        raise InfrastructureError(f"cannot read {str(path)!r}: {error.strerror}") from error


def _live(stream: BinaryIO) -> Iterator[bytes]:
    """What comes, as soon as it comes."""
    read = getattr(stream, "read1", stream.read)
    while chunk := read(CHUNK):
        yield chunk
