"""The verbs of ``avocado vexfs``: a module each, with ``configure(parser)`` and ``run(args)``.

The modules are imported by every Avocado command, so they import what they need inside ``run``.
"""

import argparse
from typing import Protocol

from vexfs_provider.plugins_avocado.verbs import (
    corpus,
    coverage,
    detect,
    doctor,
    guest,
    module,
    replay,
    setup,
    shell,
)


class Verb(Protocol):
    """What the command needs of a verb's module; its docstring is the help text."""

    __doc__: str | None

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


VERBS: dict[str, Verb] = {
    "setup": setup,
    "doctor": doctor,
    "guest": guest,
    "module": module,
    "shell": shell,
    "replay": replay,
    "coverage": coverage,
    "detect": detect,
    "corpus": corpus,
}
