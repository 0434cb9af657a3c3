"""The mutants of deps/mutants on the host: the list of them, and the daemon as one file."""

import importlib.util
import io
import marshal
import re
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from vexfs_provider.paths import data_dir

SOURCE = data_dir("deps") / "mutants"
sys.path.append(str(SOURCE))

from mutantfs.faults import MUTANTS  # noqa: E402 - found by the line above


@dataclass(frozen=True)
class Mutant:
    """One bug. ``kills`` maps scenarios to checks that must find it, and each to a pattern.

    The pattern is for what the title of the finding says after the check's name and the colon.
    ``survives`` says why neither level 1 nor a comparison can find it; empty where one can.
    """

    name: str
    description: str
    kills: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    survives: str = ""

    def pattern(self, scenario: str, check: str) -> str:
        """The pattern (re.search) for the whole title that this check must give."""
        return f"^{re.escape(check)}: .*({self.kills[scenario][check]})"


def list_mutants() -> list[Mutant]:
    """All mutants of the FUSE filesystem, in the order of the files that hold them."""
    return [
        Mutant(name, operations.__doc__ or "", operations.kills, operations.survives)
        for name, operations in MUTANTS.items()
    ]


def archive() -> bytes:
    """The filesystem's daemon as one file that Python runs.

    Compiled code lies beside each source, since compiling takes seconds on an emulated processor;
    a guest with another version of Python passes over it (zipimport does).
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for path in sorted(SOURCE.rglob("*.py")):
            name, source = str(path.relative_to(SOURCE)), path.read_bytes()
            file.writestr(name, source)
            file.writestr(f"{name}c", compiled(name, source))
    return packed.getvalue()


def compiled(name: str, source: bytes) -> bytes:
    """A .pyc that is not compared with its source, as PEP 552 lays it out."""
    code = compile(source, name, "exec")
    unchecked = (1).to_bytes(4, "little")
    return importlib.util.MAGIC_NUMBER + unchecked + bytes(8) + marshal.dumps(code)
