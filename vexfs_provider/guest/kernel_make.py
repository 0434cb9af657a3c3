"""``make`` in a kernel's tree: minutes long, so its progress is shown and it can be stopped."""

import os
import re
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.hosttool import stop_tool, tool_environment
from vexfs_provider.isolation.sandbox import die_with_parent
from vexfs_provider.progress import Progress

_OBJECT = re.compile(r"  [A-Z]+ +(\[M\] +)?\S+\.o$")
_TROUBLE = re.compile(r"\berror\b|\*\*\*|Error \d", re.IGNORECASE)
_LAST_LINES = 15
_MOST_TROUBLES = 10


def compile_tree(
    tree: Path, targets: Sequence[str], *, env: Mapping[str, str], objects: int, progress: Progress
) -> None:
    """Make ``targets``; of about ``objects`` files those that are done are not made again.

    However this ends, ``make`` and its children end as well, and the tree can be gone on with.
    Raises ``BuildError`` with the first errors and the place of the whole log.
    """
    log = tree.parent / "make.log"
    with subprocess.Popen(
        die_with_parent(["make", f"-j{os.cpu_count() or 1}", *targets]),
        cwd=tree,
        stdin=subprocess.DEVNULL,
        # A pipe: if we are killed, the children of make end at the next line that they print.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=tool_environment(env),
        start_new_session=True,  # Ctrl-C goes to us; we stop it in order
    ) as process:
        assert process.stdout is not None
        try:
            words = _follow(process.stdout, log, _Count(tree, objects, progress))
            status = process.wait()
        except BaseException:
            stop_tool(process)  # make removes what it has made half
            raise
    if status != 0:
        raise BuildError(
            f"make ended with status {status}:\n{words}\nThe whole log: {log}. What is compiled is "
            "kept; the next attempt goes on from there."
        )


class _Count:
    """How many objects there are: those found in the tree, and those that make announces."""

    def __init__(self, tree: Path, objects: int, progress: Progress):
        folders = os.walk(tree)
        self._done = sum(name.endswith(".o") for _, _, names in folders for name in names)
        self._objects = objects
        self._progress = progress

    def see(self, line: str) -> None:
        if _OBJECT.match(line):
            self._done += 1
            self._progress.note(f"{self._done} of about {self._objects} files compiled")


def _follow(stream: IO[str], log: Path, count: _Count) -> str:
    """Keep make's lines in ``log`` and count; returns what tells of its end."""
    troubles: list[str] = []
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with open(log, "a") as output:
        for line in stream:
            output.write(line)
            last.append(line.rstrip())
            if _TROUBLE.search(line) and len(troubles) < _MOST_TROUBLES:
                troubles.append(line.rstrip())
            count.see(line.rstrip())
    return "\n".join([*(line for line in troubles if line not in last), *last])
