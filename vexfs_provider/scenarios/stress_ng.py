"""Stressors of stress-ng on a mounted filesystem, of three of its classes, some at a time."""

import contextlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

from vexfs_provider.errors import GuestError
from vexfs_provider.guest.guest import Request
from vexfs_provider.guest.protocol import COMMAND_NOT_FOUND, CommandResult
from vexfs_provider.scenarios.bench import Bench

TIMEOUT_S = 900.0  # of one that is never stopped
BEGIN_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 180.0
PID_FILE = "/run/vexfs/stress-ng.pid"
LINES_SHOWN = 20
# $0 is the file with its process id, $1 the folder that the stressors fill; the rest starts it.
START = 'mkdir -p "$1" && echo $$ >"$0" && shift && exec "$@"'
WAIT_FOR_BEGIN = """
until [ -s "$0" ]; do sleep 0.1; done
while kill -0 "$(cat "$0")" 2>/dev/null && [ -z "$(ls -A "$1")" ]; do sleep 0.1; done
"""
# One that has just begun may overlook it, so it is told again, after $2 tenths of a second; seldom,
# for from the sixth time on it kills stressors, and calls what they counted corrupted; and never
# without children: it has unmapped what its handler uses. What it leaves has no owner.
STOP = """
pid=$(cat "$0")
while kill -0 "$pid" 2>/dev/null; do
    pgrep -P "$pid" >/dev/null && kill -INT "$pid"
    left=$2
    while [ "$left" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done
done
rm -rf "$0" "$1"
"""
TOLD_AGAIN = "100"
# EXIT_SUCCESS, EXIT_NO_RESOURCE, EXIT_NOT_IMPLEMENTED of stress-ng(1).
SOUND_STATUSES = (0, 3, 4)

# Lines of a stressor and, with its name in parentheses, of what has waited for its process.
_FAILURE = re.compile(
    r"^stress-ng: (?:fail|error): +\[\d+\] +(?:process \[\d+\] \()?(?:stress-ng-)?([a-z0-9-]+)",
    re.M,
)


@dataclass(frozen=True)
class Stressor:
    """One of stress-ng's; ``needs`` are capabilities of the filesystem."""

    name: str
    options: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        return [f"--{self.name}", "1", *self.options]


FILESYSTEM = (
    Stressor("dentry", ("--dentries", "256")),
    Stressor("hdd", ("--hdd-bytes", "8M"), ("indirect_blocks",)),
    Stressor("rename"),
    Stressor("fallocate", ("--fallocate-bytes", "8M"), ("fallocate", "indirect_blocks")),
    Stressor("dir", ("--dir-dirs", "256")),
    Stressor(
        "iomix",
        ("--iomix-bytes", "8M"),
        ("fallocate", "indirect_blocks", "punch_hole", "mmap_write"),
    ),
    Stressor("link", (), ("hardlink",)),
    Stressor("sync-file", ("--sync-file-bytes", "8M"), ("indirect_blocks",)),
    Stressor("utime"),
    Stressor("symlink", (), ("symlink",)),
    Stressor("seek", ("--seek-size", "8M"), ("indirect_blocks",)),
    Stressor("xattr", (), ("user_xattr",)),
    Stressor("fpunch", (), ("indirect_blocks", "punch_hole")),
    Stressor("chmod"),
    Stressor("dirdeep", ("--dirdeep-inodes", "1000"), ("hardlink", "symlink")),
    Stressor("fstat"),
    Stressor("flock"),
    Stressor("getdent"),
    Stressor("touch"),
)
MEMORY = (
    Stressor("vm", ("--vm-bytes", "48M")),
    Stressor("mmap", ("--mmap-bytes", "16M")),
    Stressor("malloc", ("--malloc-bytes", "16M")),
    Stressor("memfd", ("--memfd-bytes", "16M")),
    Stressor("mremap", ("--mremap-bytes", "8M")),
)
CPU = (Stressor("cpu"), Stressor("matrix"), Stressor("qsort"), Stressor("hash"), Stressor("branch"))
FILESYSTEM_AT_A_TIME = 3


class StressNg:
    """Runs stressors, others each time; ``seconds`` sums up for how long, ``names`` says which.

    The bench's filesystem is mounted. What they find wrong themselves is a finding.
    """

    def __init__(self, bench: Bench, seed: int):
        self._bench = bench
        self._seed = seed
        usable = [one for one in FILESYSTEM if all(map(bench.profile.can, one.needs))]
        for one in FILESYSTEM:
            if one not in usable:
                bench.unsupported(f"stress-ng {one.name}: needs {', '.join(one.needs)}")
        self._turns = cycle(usable), cycle(MEMORY), cycle(CPU)
        self.seconds = 0.0
        self.names: list[str] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """They run within it. An exception that passes leaves them, and the guest, as they are."""
        chosen = self._choose()
        started, request = time.monotonic(), self._start(chosen)
        yield
        self._judge(chosen, self._stop(request))
        self.seconds += time.monotonic() - started

    def _choose(self) -> list[Stressor]:
        on_disk, memory, cpu = self._turns
        chosen = [next(on_disk) for _ in range(FILESYSTEM_AT_A_TIME)]
        chosen += [next(memory), next(cpu)]
        self.names += [one.name for one in chosen if one.name not in self.names]
        return chosen

    @property
    def _folder(self) -> str:
        return f"{self._bench.mountpoint}/stress-ng"

    def _start(self, chosen: Sequence[Stressor]) -> Request:
        command = ["stress-ng", "--temp-path", self._folder, "--seed", str(self._seed), "--verify"]
        command += ["--timeout", "0", *(word for one in chosen for word in one.arguments())]
        request = self._bench.guest.start_run(self._shell(START, *command), timeout_s=TIMEOUT_S)
        self._run(WAIT_FOR_BEGIN, BEGIN_TIMEOUT_S)
        return request

    def _stop(self, request: Request) -> CommandResult:
        self._run(STOP, STOP_TIMEOUT_S, TOLD_AGAIN)
        return self._bench.guest.finish_run(request)

    def _shell(self, script: str, *words: str) -> list[str]:
        return ["sh", "-c", script, PID_FILE, self._folder, *words]

    def _run(self, script: str, timeout_s: float, *words: str) -> None:
        done = self._bench.guest.run(self._shell(script, *words), timeout_s=timeout_s)
        if not done.ok:
            raise GuestError(f"stress-ng cannot be controlled in the guest: {done.text}")

    def _judge(self, chosen: Sequence[Stressor], result: CommandResult) -> None:
        names = " ".join(one.name for one in chosen)
        if result.status == COMMAND_NOT_FOUND:
            self._bench.unsupported("stress-ng: not in the guest's image")
            return
        named = set(_FAILURE.findall(result.text))  # "metrics-check", say, is no stressor
        failed = sorted(named & {one.name for one in chosen})
        for name in failed:
            self._fail(f"stress-ng: {name} fails", names, result)
        if not failed and result.status not in SOUND_STATUSES:
            self._fail(f"stress-ng ends with status {result.status}", names, result)

    def _fail(self, title: str, names: str, result: CommandResult) -> None:
        lines = [line for line in result.text.splitlines() if " info:" not in line]
        self._bench.fail(
            title,
            kind="stress-ng",
            operation=f"stressors side by side: {names}",
            expected="what they verify holds, and no call fails",
            actual=f"status {result.status}\n" + "\n".join(lines[:LINES_SHOWN]),
        )
