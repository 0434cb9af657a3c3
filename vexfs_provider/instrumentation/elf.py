"""Sections, symbols and relocations of a kernel module's file (ELF, 64 bits, x86-64).

The layouts are those of the System V ABI (gABI 4, x86-64 psABI).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from vexfs_provider.errors import UsageError

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQq")
_MAGIC = b"\x7fELF\x02\x01"
_RELOCATABLE, _X86_64 = 1, 62
_SYMBOLS, _RELOCATIONS, _WITHOUT_DATA = 2, 4, 8  # sh_type
_ALLOCATED = 2  # sh_flags
_RESERVED = 0xFF00  # st_shndx from here on means no section

_DAMAGE = (struct.error, IndexError, ValueError, OverflowError)

OBJECT, FUNCTION = 1, 2  # kinds of symbols


@dataclass(frozen=True)
class Section:
    """One section; ``data`` is empty where the file has none for it (``.bss``)."""

    name: str
    kind: int
    size: int
    link: int
    target: int
    allocated: bool
    data: bytes


@dataclass(frozen=True)
class Symbol:
    """A name; ``section`` is the index of where it is defined, None for one from elsewhere."""

    name: str
    kind: int
    section: int | None
    offset: int
    size: int


@dataclass(frozen=True)
class Relocation:
    """The place in a section that gets the symbol's address."""

    section: int
    offset: int
    symbol: Symbol


class ElfFile:
    """A module's file. Raises ``UsageError`` for what is not a relocatable file for x86-64."""

    def __init__(self, data: bytes, name: str):
        try:
            self.sections = _read_sections(data)
            self.symbols = self._read_symbols()
        except _DAMAGE as error:
            raise UsageError(f"{name}: no kernel module for x86-64: {error}") from error

    def relocations(self) -> Iterator[Relocation]:
        """All places with a symbol's address. Raises ``UsageError`` if they are damaged."""
        try:
            for section in self.sections:
                if section.kind == _RELOCATIONS:
                    self._check(section.target)
                    for offset, info, _ in _RELOCATION.iter_unpack(section.data):
                        yield Relocation(section.target, offset, self.symbols[info >> 32])
        except _DAMAGE as error:
            raise UsageError(f"damaged relocations in a kernel module: {error}") from error

    def _check(self, index: int) -> None:
        if index >= len(self.sections):
            raise IndexError(f"there is no section {index}")

    def _read_symbols(self) -> list[Symbol]:
        found = []
        for table in self.sections:
            if table.kind == _SYMBOLS:
                names = self.sections[table.link].data
                for name, info, _, index, offset, size in _SYMBOL.iter_unpack(table.data):
                    section = index if 0 < index < _RESERVED else None
                    self._check(section or 0)
                    found.append(Symbol(_text(names, name), info & 15, section, offset, size))
        return found


def _read_sections(data: bytes) -> list[Section]:
    header = _HEADER.unpack_from(data)
    if header[0][:6] != _MAGIC or header[1:3] != (_RELOCATABLE, _X86_64):
        raise ValueError("not an ELF file of that kind")
    start, size, count, names_index = header[6], header[11], header[12], header[13]
    heads = [_SECTION.unpack_from(data, start + number * size) for number in range(count)]
    names = _content(data, heads[names_index])
    return [
        Section(
            name=_text(names, head[0]),
            kind=head[1],
            size=head[5],
            link=head[6],
            target=head[7],
            allocated=bool(head[2] & _ALLOCATED),
            data=_content(data, head),
        )
        for head in heads
    ]


def _content(data: bytes, head: tuple[int, ...]) -> bytes:
    kind, offset, size = head[1], head[4], head[5]
    if kind == _WITHOUT_DATA:
        return b""
    if offset + size > len(data):
        raise ValueError("a section ends behind the end of the file")
    return data[offset : offset + size]


def _text(names: bytes, start: int) -> str:
    return names[start : names.index(b"\0", start)].decode(errors="replace")
