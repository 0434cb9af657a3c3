"""Which instructions of a module write memory, for breakpoints that do not tell.

A processor reports a hit of a watched address behind the instruction that made it. An emulated one
(TCG) reports an instruction that reads and writes the address as if it only read it.
"""

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field

from vexfs_provider.guest.hosttool import run_tool

_SECTION = re.compile(r"Disassembly of section (\S+):")
_LINE = re.compile(r"\s*([0-9a-f]+):\t(.*)")
_PREFIXES = ("lock", "rep", "repz", "repnz", "data16", "cs", "ds", "notrack", "bnd")
# Instructions that have memory as their last operand and leave it as it is.
_ONLY_READ = re.compile(
    r"(cmp(?!xchg)|test|bt[bwlq]?$|push|call|jmp|nop|prefetch|i?mul|i?div|inv|ldmxcsr|fld|clflush)"
)


@dataclass(frozen=True)
class WritingInstructions:
    """Section and offset where each instruction that writes memory starts, and where it ends."""

    starts: set[tuple[str, int]] = field(default_factory=set)
    ends: set[tuple[str, int]] = field(default_factory=set)


def writing(module: bytes) -> WritingInstructions:
    """The instructions of a module that write memory.

    Raises ``BuildError`` if the host has no objdump, or it does not understand the file.
    """
    with tempfile.NamedTemporaryFile(suffix=".ko") as file:
        file.write(module)
        file.flush()
        text = run_tool(["objdump", "-dw", "--no-show-raw-insn", file.name])
    return read_disassembly(text.splitlines())


def read_disassembly(lines: Iterable[str]) -> WritingInstructions:
    """The same from what objdump prints."""
    found = WritingInstructions()
    section, writes_before = "", False
    for line in lines:
        header = _SECTION.match(line)
        if header:
            section, writes_before = header[1], False
            continue
        instruction = _LINE.match(line)
        if instruction:
            here = section, int(instruction[1], 16)
            if writes_before:
                found.ends.add(here)
            writes_before = writes_memory(instruction[2])
            if writes_before:
                found.starts.add(here)
    return found


def writes_memory(instruction: str) -> bool:
    """Whether an instruction, in AT&T's notation, writes the memory that it names last."""
    words = instruction.partition("#")[0].split()
    while words and words[0] in _PREFIXES:
        del words[0]
    if len(words) < 2 or _ONLY_READ.match(words[0]) or words[0].startswith("lea"):
        return False
    operands = " ".join(words[1:])
    last = operands[operands.rfind("(") :] if operands.endswith(")") else operands.split(",")[-1]
    is_memory = last.startswith("(") or re.fullmatch(r"(%[a-z]s:)?-?0x[0-9a-f]+", last)
    return bool(is_memory) and not words[0].startswith("j")
