"""What operations write, and the hash of what they read; in the guest: ``deps/ops/content.c``.

Bytes follow from a seed and their offset in the file, and none is zero. They are made in words of
8 bytes by splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
OOPSLA 2014).
"""

import struct

_GOLDEN = 0x9E3779B97F4A7C15
_NO_ZERO = 0x0101010101010101
_MASK = (1 << 64) - 1
_WORD = 8


def content(seed: int, offset: int, length: int) -> bytes:
    """The bytes that an operation with ``seed`` writes to a range of a file."""
    first, end = offset // _WORD, (offset + length + _WORD - 1) // _WORD
    words = [_content_word(seed, number) for number in range(first, end)]
    start = offset % _WORD
    return struct.pack(f"<{len(words)}Q", *words)[start : start + length]


def _content_word(seed: int, number: int) -> int:
    word = (((seed << 32) ^ number) + _GOLDEN) & _MASK
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) & _MASK
    return (word ^ word >> 31) | _NO_ZERO


def hash_of(data: bytes, size: int | None = None) -> str:
    """The hash of what an operation has read, 16 hexadecimal digits.

    ``size`` is that of a file of which ``data`` are only the parts that a tree looks at.
    """
    value = len(data) if size is None else size
    for (word,) in struct.iter_unpack("<Q", data + bytes(-len(data) % _WORD)):
        value = ((value ^ word) * _GOLDEN) & _MASK
        value ^= value >> 32
    return f"{value:016x}"
