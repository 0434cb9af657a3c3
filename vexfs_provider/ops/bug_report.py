"""A folder to mail: a finding, and all that is needed to see it again without this package.

``list.ops``, ``reproduce.c`` and ``run.sh`` make the calls; ``README.md`` is the report,
``console.txt`` what the kernel said, ``environment.json`` where it was seen.
"""

import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vexfs_provider.ops import c_program, run_script, text
from vexfs_provider.ops.c_calls import written
from vexfs_provider.ops.divergence import PERSISTENCE, RESULT, Divergence
from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.shell_commands import ShellCommands
from vexfs_provider.ops.text import write_line

LIST, PROGRAM, SCRIPT, CONSOLE = "list.ops", "reproduce.c", "run.sh", "console.txt"


@dataclass(frozen=True)
class BugReport:
    """A finding of a list of operations.

    ``divergence`` is None where the kernel crashed or hung. ``kernel`` is the name that
    ``avocado vexfs`` has for it. ``environment`` goes from names, as ``kernel release``, to values.
    """

    title: str
    operations: tuple[Operation, ...]
    divergence: Divergence | None
    filesystem: str
    commands: ShellCommands
    kernel: str
    reference: str = ""
    seed: str = ""
    console: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        """What stands at the top of the list and of the program."""
        every = {
            "title": self.title,
            "filesystem": self.filesystem,
            "reference": self.reference,
            "kernel": self.kernel,
            "seed": self.seed,
        }
        return {name: value for name, value in every.items() if value}

    @property
    def replay(self) -> str:
        """The command that runs the list with this package."""
        words = ["avocado", "vexfs", "replay", LIST]
        return shlex.join([*words, "--filesystem", self.filesystem, "--kernel", self.kernel])


def write(folder: Path, report: BugReport) -> None:
    """Write the folder, whole or not at all; one that is there already is replaced."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh = work / "new"
        fresh.mkdir()
        _fill(fresh, report)
        if folder.exists():
            os.rename(folder, work / "old")
        os.rename(fresh, folder)
    finally:
        shutil.rmtree(work)


def _fill(folder: Path, report: BugReport) -> None:
    text.save(folder / LIST, report.operations, report.facts)
    program = c_program.write(report.operations, report.divergence, report.facts)
    _save(folder / PROGRAM, program)
    _save(folder / SCRIPT, run_script.write(report.title, SCRIPT, report.commands))
    (folder / SCRIPT).chmod(0o755)
    if report.console:
        _save(folder / CONSOLE, report.console)
    environment = json.dumps(dict(report.environment), indent=1)
    _save(folder / "environment.json", f"{environment}\n")
    _save(folder / "README.md", _readme(report))


def _save(path: Path, content: str) -> None:
    path.write_bytes(content.encode(errors="backslashreplace"))


_README = """\
# {title}

## What was done

{count} on a fresh {filesystem} filesystem; `list.ops` has them as they are here, `reproduce.c`
as calls in C.{seed}

{operations}

## Expected

{expected}

## What happened

{actual}

## To see it again

On a machine or in a guest with {filesystem}, as root; what is on the device is lost:

    ./run.sh /dev/sdX

Its exit status is {status}. With the test provider that found it:

    {replay}

## Environment

{environment}
"""


def _readme(report: BugReport) -> str:
    expected, actual = _expected_and_actual(report)
    count = len(report.operations)
    status = "1 if it is seen, 0 if it is not"
    if report.divergence is None:
        status = "0 if all calls have returned"
    lines = [f"- {name}: {value}" for name, value in report.environment.items()]
    return _README.format(
        title=" ".join(report.title.split()),
        count="1 operation" if count == 1 else f"{count} operations",
        filesystem=report.filesystem,
        seed=f" They come from the seed {report.seed}." if report.seed else "",
        operations=_indented(write_line(one) for one in report.operations),
        expected=expected,
        actual=actual,
        status=status,
        replay=report.replay,
        environment="\n".join(lines) or "- not known",
    )


def _expected_and_actual(report: BugReport) -> tuple[str, str]:
    found = report.divergence
    console = f"\n\nThe kernel's words are in `{CONSOLE}`." if report.console else ""
    if found is None:
        return "All calls return, and the kernel runs on.", f"{report.title}{console}"
    place = _place(report.operations, found)
    like = f", as on {report.reference}" if report.reference else ""
    if found.kind == PERSISTENCE:
        like = ", as before"
    expected = f"{place}{like}:\n\n    {found.expected}"
    return expected, f"On {report.filesystem}:\n\n    {found.actual}{console}"


def _place(operations: Sequence[Operation], found: Divergence) -> str:
    if found.kind == RESULT:
        assert found.index is not None
        return f"The result of operation {found.index}, `{write_line(operations[found.index])}`"
    when = "after the last operation"
    if found.kind == PERSISTENCE:
        when = "after an unmount and a mount"
    return f"The {found.attribute} of `{written(found.path)}` {when}"


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
