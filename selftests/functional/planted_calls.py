"""Faults planted into the calls that checks in the guest make, as a faulty kernel would answer.

A fault is the text of a dictionary: names of the check's module, and what they become for it.
There, ``instead(module, name=...)`` is a module with some functions replaced, and
``turned(flag, into)`` a ``mount`` that takes one flag for another.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from vexfs_provider.guest import code

HELPERS = """

class instead:
    def __init__(self, module, **functions):
        self.__dict__.update(vars(module))
        self.__dict__.update(functions)


def turned(flag, into):
    from mounting import mount as real

    def mount(source, target, kind=None, flags=0, data=""):
        real(source, target, kind, flags & ~flag | (into if flags & flag else 0), data)

    return mount
"""
WRAPPER = """

_honest_{check} = {check}


def {check}(*words, **arguments):
    globals().update({fault})
    return _honest_{check}(*words, **arguments)
"""


@dataclass(frozen=True)
class PlantedCall:
    """A fault for one check, or other function, of a guest's module.

    ``finds`` is what the title of its finding must say behind the check's name.
    """

    module: str
    check: str
    fault: str
    finds: str


def plant(patch: pytest.MonkeyPatch, calls: Iterable[PlantedCall]) -> None:
    """Have guests load the modules with these faults in them."""
    honest = code.sources

    def sources(name: str) -> dict[str, bytes]:
        return {module: _with_faults(module, source) for module, source in honest(name).items()}

    def _with_faults(module: str, source: bytes) -> bytes:
        mine = [call for call in calls if call.module == module]
        wrapped = [WRAPPER.format(check=call.check, fault=call.fault) for call in mine]
        return source + "".join([HELPERS, *wrapped]).encode() if mine else source

    patch.setattr(code, "sources", sources)


def not_found(calls: Iterable[PlantedCall], titles: Iterable[str]) -> list[str]:
    """The checks that have not reported their fault."""
    found = list(titles)
    return [
        call.check
        for call in calls
        if not any(title.startswith(f"{call.check}: {call.finds}") for title in found)
    ]
