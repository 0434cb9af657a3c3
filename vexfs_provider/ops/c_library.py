"""The functions of ``deps/ops/reproducer``: a program gets those that it uses, and no more.

A block of a file, up to an empty line before one that is not indented, defines one thing.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from vexfs_provider.paths import data_dir

FILES = (
    "calls.c",
    "content.c",
    "open_file.c",
    "files.c",
    "mapping.c",
    "names.c",
    "system.c",
    "clock.c",
    "attributes.c",
    "facts.c",
)
"""In an order in which no block uses a later one."""

BESIDE_DEVICES = {"open_file.c": "open_file_beside_devices.c"}
"""What takes the place of a file in a program that makes nodes of block devices."""

HEADERS: Mapping[str, str] = {
    "ctype.h": "isalnum",
    "dirent.h": "DIR|readdir|DT_UNKNOWN|IFTODT",
    "errno.h": "errno|EBADF",
    "fcntl.h": "O_[A-Z]+|AT_FDCWD|AT_SYMLINK_NOFOLLOW|open|fallocate",
    "inttypes.h": "PRIx64|uint64_t",
    "limits.h": "PATH_MAX|NAME_MAX",
    "linux/fs.h": "FIFREEZE|FICLONE",
    "setjmp.h": "sigjmp_buf",
    "signal.h": "sigaction",
    "stdarg.h": "va_list",
    "stdbool.h": "bool",
    "stdio.h": "printf",
    "stdlib.h": "exit|realloc|qsort|system|atexit",
    "string.h": "str[a-z]+|mem[a-z]+",
    "sys/file.h": "flock",
    "sys/ioctl.h": "ioctl",
    "sys/mman.h": "mmap|msync",
    "sys/stat.h": "stat|statx|mkdir|mknod|chmod|umask|mode_t|S_[A-Z]+",
    "sys/sysmacros.h": "makedev|major",
    "sys/types.h": "off_t|uid_t|ssize_t",
    "sys/uio.h": "pwritev",
    "sys/xattr.h": "[a-z]*xattr|XATTR_[A-Z]+",
    "time.h": "time_t|timespec",
    "unistd.h": (
        "close|pread|pwrite|write|lseek|f?truncate|f?(data)?sync|syncfs|chdir|rmdir|unlink|link|"
        "linkat|symlink|readlink|lchown|sete[ug]id|copy_file_range"
    ),
}
"""What is used -> the header that has it."""

_NOT_CODE = re.compile(r'"(?:\\.|[^"\\])*"|/\*.*?\*/', re.DOTALL)
_DEFINED = re.compile(r"^(?:static|struct) [^=;(]*?(\w+)(?:\(|\[| =|;| \{)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One definition with its comment; ``prototype`` is empty unless it is a function."""

    name: str
    text: str
    prototype: str


def words_of(text: str) -> frozenset[str]:
    """The words of C code that are no part of a string or a comment."""
    return frozenset(re.findall(r"\w+", _NOT_CODE.sub(" ", text)))


def blocks_for(text: str, *, devices: bool) -> list[Block]:
    """The blocks that the code needs, and those that these need, in order."""
    wanted: frozenset[str] = frozenset()
    more = words_of(text)
    blocks = _library(devices)
    while more - wanted:
        wanted |= more
        more = frozenset().union(*(words_of(b.text) for b in blocks if b.name in wanted))
    return [block for block in blocks if block.name in wanted]


def headers_for(text: str) -> list[str]:
    """The headers that the code needs, sorted."""
    words = words_of(text)
    return [
        header
        for header, used in HEADERS.items()
        if any(re.fullmatch(used, word) for word in words)
    ]


@functools.cache
def _library(devices: bool) -> tuple[Block, ...]:
    folder = data_dir("deps") / "ops" / "reproducer"
    blocks = []
    for name in FILES:
        path = folder / (BESIDE_DEVICES.get(name, name) if devices else name)
        blocks += [_block(text) for text in re.split(r"\n\n(?=\S)", path.read_text().strip())]
    return tuple(blocks)


def _block(text: str) -> Block:
    code = _NOT_CODE.sub(" ", text).strip()
    found = _DEFINED.search(code)
    if found is None:
        raise ValueError(f"deps/ops/reproducer: this defines nothing: {text[:60]!r}")
    head, body, _ = code.partition("\n{")
    return Block(found[1], text, f"{head};" if body else "")
