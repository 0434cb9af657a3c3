"""What an instrument is: it watches one guest during a test and leaves one artefact.

``registry`` has those that there are, by the name that the parameter ``instrument`` gives them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from vexfs_provider.detection import Finding
from vexfs_provider.guest.guest import Guest


@dataclass(frozen=True)
class Subject:
    """What is looked at: ``module`` is the kernel's name for the module of the filesystem.

    The filesystem may be built into the kernel instead; then there is no module of that name.
    """

    filesystem: str
    module: str


@dataclass(frozen=True)
class Artefact:
    """What came of it: the content of files by name, and in ``limits`` what was not seen, in words.

    Where there are two files one is a picture of the other. ``findings`` are what the instrument
    holds to be wrong with the filesystem.
    """

    files: Mapping[str, bytes]
    limits: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class Instrument:
    """One of them, made for one guest and started once, when the filesystem's code is loaded.

    ``start`` raises ``NotApplicable`` with the reason where the kernel or the filesystem lacks what
    it takes. What it saves in the guest is bounded; when that is full ``limits`` says so.
    """

    def __init__(self, subject: Subject):
        self.subject = subject

    def start(self, guest: Guest) -> None:
        """Begin to watch."""
        raise NotImplementedError

    def stop(self, guest: Guest) -> Artefact:
        """End it; the guest is as it was before."""
        raise NotImplementedError

    def reloaded(self, guest: Guest) -> None:
        """The filesystem's code was loaded again; what knew it by its addresses must ask anew."""

    def unmounted(self, guest: Guest) -> None:
        """The filesystem has just been unmounted: the end of a cycle, for what counts cycles."""


def with_limits(limits: tuple[str, ...], text: str) -> bytes:
    """A file for people: what was not seen comes first."""
    return "".join([*(f"# {limit}\n" for limit in limits), text]).encode()


def with_json(text: str, document: Mapping[str, object]) -> str:
    """A text for people, whose last line is the same for programs."""
    return f"{text.rstrip()}\n\n{json.dumps(document, sort_keys=True)}\n"
