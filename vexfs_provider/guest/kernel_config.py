"""Kconfig's files: whether a configuration has what the fragments ask for.

``make`` drops without a word an option whose dependencies are not met, and a kernel without one of
its detectors finds nothing and looks healthy.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from vexfs_provider.errors import BuildError, UsageError

_LINE = re.compile(r"(?P<unset># )?(?P<name>CONFIG_\w+)(?(unset) is not set|=(?P<value>\S.*))")
_OFF = "n"


def read_options(text: str, source: str = "configuration") -> dict[str, str]:
    """The options by name; ``n`` for those that are off.

    Raises ``UsageError`` for a line that Kconfig would pass over.
    """
    options = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        found = _LINE.fullmatch(line)
        if found:
            options[found["name"]] = found["value"] or _OFF
        elif line and (not line.startswith("#") or "CONFIG_" in line.split()[1:2]):
            raise UsageError(f"{source}, line {number}: {line!r} is no option of Kconfig")
    return options


def asked_for(fragments: Iterable[Path]) -> dict[str, str]:
    """What several fragments ask for together; a later one wins."""
    wanted: dict[str, str] = {}
    for fragment in fragments:
        wanted |= read_options(fragment.read_text(), str(fragment))
    return wanted


def check_config(config: str, fragments: Iterable[Path]) -> None:
    """Raises ``BuildError`` that names each option which did not come through."""
    has = read_options(config)
    wanted = asked_for(fragments)
    lost = [
        f"{name}={value} (it is {has.get(name, _OFF)})"
        for name, value in wanted.items()
        if has.get(name, _OFF) != value
    ]
    if lost:
        raise BuildError(
            "the kernel's configuration has not taken these options of the fragments; look at what "
            f"they depend on in its Kconfig files: {', '.join(lost)}"
        )
