"""Which guests a build runs: the kinds, workloads and boots, spread over kernels and machines."""

import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vexfs_provider.corpus.benign import WORKLOADS
from vexfs_provider.corpus.catalogue import KINDS
from vexfs_provider.corpus.kinds import Kind
from vexfs_provider.corpus.labels import BENIGN
from vexfs_provider.corpus.level1 import TESTS, Level1Test
from vexfs_provider.corpus.machines import Setting, cold_settings, large_setting, warm_setting
from vexfs_provider.guest.kernel import Kernel

BOOTS_SHARE = 8  # of so many benign logs one is a boot, which takes as long as five others
LEVEL1_SHARE = 4  # of so many one is a test of level 1
MANY_KERNELS = 3
SANITIZER = re.compile(r"^CONFIG_K(A|C)SAN=y$", re.MULTILINE)
QUIET_CLOCK = "echo N >/sys/module/printk/parameters/time"
CLOCKLESS_SHARE = 9  # of so many provocations one is on a kernel that prints no stamps


@dataclass(frozen=True)
class Task:
    """One guest to run. ``kind`` is the label's; ``script`` None: it is only booted.

    ``test``: one of level 1, which starts its guests itself.
    """

    kind: str
    crash: bool
    expected: str | None
    note: str
    group: str
    kernel: Kernel
    setting: Setting
    script: str | None
    says: str = ""
    wait_s: float = 0.0
    disk: bool = False
    test: Level1Test | None = None


def crash_tasks(kernels: Sequence[Kernel], kinds: Sequence[Kind] = KINDS) -> Iterator[Task]:
    """Each kind on each kernel that can report it; of three kernels on two, for want of time.

    A sanitizer tells of much in words of its own, so only what asks for one runs with it.
    """
    for place, kernel in enumerate(kernels):
        config = kernel.config.read_text()
        sanitised = bool(SANITIZER.search(config))
        for number, kind in enumerate(kinds, start=place):
            spared = len(kernels) >= MANY_KERNELS and not kind.option and not number % MANY_KERNELS
            if spared or not kind.fits(config) or (sanitised and not kind.option):
                continue
            clockless = number % CLOCKLESS_SHARE == CLOCKLESS_SHARE - 1
            yield Task(
                kind=kind.name,
                crash=kind.crash,
                expected=kind.expected,
                note=kind.note,
                group=kind.name,
                kernel=kernel,
                setting=large_setting(number) if sanitised else warm_setting(number),
                script=f"{QUIET_CLOCK}; {kind.script}" if clockless else kind.script,
                says=kind.says,
                wait_s=kind.wait_s,
                disk=kind.disk,
            )


def benign_tasks(kernels: Sequence[Kernel], count: int, dice: random.Random) -> Iterator[Task]:
    """``count`` guests that crash nothing, by turns workloads, tests of level 1 and boots."""
    settings = cold_settings(dice)
    boots, tests, workloads = itertools.count(), itertools.count(), itertools.count()
    for number in range(count):
        if number % BOOTS_SHARE == BOOTS_SHARE - 1:
            turn = next(boots)
            yield _boot(turn, kernels[turn % len(kernels)], next(settings))
        elif number % LEVEL1_SHARE == 1:
            yield _level1(next(tests), kernels)
        else:
            yield _workload(next(workloads), kernels)


def _boot(turn: int, kernel: Kernel, setting: Setting) -> Task:
    return Task(BENIGN, False, None, "boot", f"boot {turn}", kernel, setting, script=None)


def _workload(turn: int, kernels: Sequence[Kernel]) -> Task:
    """All workloads on one kernel, then on the next; the machines go on."""
    lap, place = divmod(turn, len(WORKLOADS))
    work = WORKLOADS[place]
    return Task(
        kind=BENIGN,
        crash=False,
        expected=None,
        note=work.note,
        group=f"work: {work.name}",
        kernel=kernels[(lap + place) % len(kernels)],
        setting=warm_setting(turn + lap),
        script=work.script,
        wait_s=work.wait_s,
        disk=True,
    )


def _level1(turn: int, kernels: Sequence[Kernel]) -> Task:
    """All tests of level 1 on one kernel, then on the next."""
    lap, place = divmod(turn, len(TESTS))
    test = TESTS[place]
    return Task(
        kind=BENIGN,
        crash=False,
        expected=None,
        note="level 1",
        group=f"level 1: {test.name}",
        kernel=kernels[(lap + place) % len(kernels)],
        setting=warm_setting(0),
        script=None,
        test=test,
    )
