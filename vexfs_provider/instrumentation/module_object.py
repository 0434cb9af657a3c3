"""What the file of a kernel module tells: where it calls what, and where its variables are."""

import difflib
import enum
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from vexfs_provider.errors import UsageError
from vexfs_provider.instrumentation.elf import FUNCTION, OBJECT, ElfFile, Symbol

_CALL_SIZE = 5
_FREED = ".init"  # sections that the kernel drops when the module has been loaded
_NAME = re.compile(r"[A-Za-z_$][\w.$]*")
_OBJECT = re.compile(r"(?P<symbol>[A-Za-z_][\w.]*)(?:\+(?P<offset>0x[0-9a-f]+|\d+))?")
_BREAKPOINT_SIZES = (8, 4, 2, 1)


class Way(enum.Enum):
    """How a function is called: a jump does not return here, a branch may not be taken."""

    CALL = "call"
    JUMP = "jump"
    BRANCH = "branch"


@dataclass(frozen=True)
class CallSite:
    """An instruction that calls ``callee``, ``offset`` bytes behind the begin of ``function``.

    ``end`` is the section and offset to which the call returns. ``is_unique`` is False where the
    module has several functions of that name.
    """

    callee: str
    function: str
    offset: int
    way: Way
    end: tuple[str, int]
    is_unique: bool = True

    @property
    def place(self) -> str:
        """As ``kprobe_events`` writes it, without the module."""
        return f"{self.function}+{self.offset}"

    @property
    def behind(self) -> str:
        """The place to which the call returns."""
        return f"{self.function}+{self.offset + _CALL_SIZE}"


@dataclass(frozen=True)
class Place:
    """Some bytes of a section."""

    section: str
    offset: int
    size: int


class ModuleObject:
    """The file of a module. Raises ``UsageError`` if it is none."""

    def __init__(self, data: bytes, name: str):
        self.file_name = name
        self._elf = ElfFile(data, name)

    @cached_property
    def name(self) -> str:
        """The name that the kernel knows it by."""
        for section in self._elf.sections:
            if section.name == ".modinfo":
                for entry in section.data.split(b"\0"):
                    if entry.startswith(b"name="):
                        return entry.removeprefix(b"name=").decode()
        raise UsageError(f"{self.file_name}: no kernel module: it has no name in .modinfo")

    def calls(self, wanted: Container[str]) -> Iterator[CallSite]:
        """The calls of functions outside the module, in code that stays after its start."""
        ordered = sorted(self._elf.relocations(), key=lambda one: (one.section, one.offset))
        for relocation in ordered:
            section, start = self._elf.sections[relocation.section], relocation.offset - 1
            callee = relocation.symbol.name
            if callee not in wanted or section.name.startswith(_FREED):
                continue
            way = _way(section.data, start)
            function = self._at(relocation.section, start, FUNCTION)
            if way and function:
                begin = start - 1 if way is Way.BRANCH else start
                yield CallSite(
                    callee=callee,
                    function=function.name,
                    offset=begin - function.offset,
                    way=way,
                    end=(section.name, start + _CALL_SIZE),
                    is_unique=self._functions[function.name] == 1,
                )

    def find(self, text: str) -> Place:
        """The place of ``SYMBOL`` or ``SYMBOL+OFFSET``, as much as one breakpoint can watch.

        Raises ``UsageError`` for a text of another form, and a variable that is not in the module,
        is there twice or ends before the offset.
        """
        wanted = _OBJECT.fullmatch(text)
        if not wanted:
            raise UsageError(f"object {text!r}: allowed is SYMBOL or SYMBOL+OFFSET")
        offset = int(wanted["offset"] or "0", 0)
        same = [s for s in self._variables if s.name == wanted["symbol"]]
        if len(same) != 1:
            names = {symbol.name for symbol in self._variables}
            near = difflib.get_close_matches(wanted["symbol"], sorted(names), cutoff=0.3)
            problem = "is there more than once" if same else "is no static variable"
            hint = f"; there are: {', '.join(near)} …" if near and not same else ""
            raise UsageError(f"object {text!r}: {wanted['symbol']} of {self.name} {problem}{hint}")
        [symbol] = same
        left = symbol.size - offset
        if left <= 0:
            raise UsageError(f"object {text!r}: {symbol.name} has {symbol.size} bytes")
        start = symbol.offset + offset
        size = next(n for n in _BREAKPOINT_SIZES if n <= left and start % n == 0)
        return Place(self._section_name(symbol), start, size)

    def sections(self) -> dict[str, int]:
        """Name and size of those that the kernel keeps in memory."""
        kept = [s for s in self._elf.sections if s.allocated and not s.name.startswith(_FREED)]
        return {section.name: section.size for section in kept}

    def symbol_in(self, section: str, offset: int) -> str | None:
        """The function or variable at an offset in a section, as ``NAME`` or ``NAME+0x8``."""
        for index, one in enumerate(self._elf.sections):
            if one.name == section:
                symbol = self._at(index, offset, FUNCTION) or self._at(index, offset, OBJECT)
                if symbol:
                    behind = offset - symbol.offset
                    is_begin = behind == 0 or symbol.kind == FUNCTION
                    return symbol.name if is_begin else f"{symbol.name}+{behind:#x}"
        return None

    @cached_property
    def _variables(self) -> list[Symbol]:
        return [s for s in self._elf.symbols if s.kind == OBJECT and s.section and s.size]

    @cached_property
    def _functions(self) -> Counter[str]:
        return Counter(symbol.name for symbol in self._elf.symbols if symbol.kind == FUNCTION)

    @cached_property
    def _by_section(self) -> Mapping[tuple[int, int], list[Symbol]]:
        found: dict[tuple[int, int], list[Symbol]] = {}
        for symbol in self._elf.symbols:
            if symbol.section is not None and symbol.size and _NAME.fullmatch(symbol.name):
                found.setdefault((symbol.section, symbol.kind), []).append(symbol)
        return found

    def _at(self, section: int, offset: int, kind: int) -> Symbol | None:
        for symbol in self._by_section.get((section, kind), ()):
            if symbol.offset <= offset < symbol.offset + symbol.size:
                return symbol
        return None

    def _section_name(self, symbol: Symbol) -> str:
        return self._elf.sections[symbol.section or 0].name


def _way(code: bytes, start: int) -> Way | None:
    """The instruction whose last four bytes, an address, stand behind ``start``."""
    opcode = code[start : start + 1]
    if opcode in (b"\xe8", b"\xe9"):
        return Way.CALL if opcode == b"\xe8" else Way.JUMP
    branches = start > 0 and code[start - 1] == 0x0F and opcode and opcode[0] & 0xF0 == 0x80
    return Way.BRANCH if branches else None
