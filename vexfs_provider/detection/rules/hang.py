"""Tasks and CPUs that make no progress (kernel/hung_task.c, kernel/watchdog.c, kernel/rcu/)."""

import re

from vexfs_provider.detection.infrastructure import GENERIC, Functions
from vexfs_provider.detection.rule import Rule
from vexfs_provider.detection.trail import BLOCKED, CALLING, IP, LOCKED_UP, STACK, Trail, dispatched

_HANG = ("hang in {frame}",)
_STALL = ("stall in {frame}",)
_TASK = r"INFO: task .{1,100}:\d+ "

# The timer's interrupt found the stall: what it interrupted stands behind it.
_STALLED = Trail(
    (re.compile("apic_timer_interrupt"), IP, STACK),
    (re.compile("apic_timer_interrupt|Exception stack|el1h_64_irq"), STACK),
    skip=GENERIC | Functions("apic_timer_interrupt rcu"),
    choose=dispatched,
)

RULES = (
    Rule(
        kind="hung-task",
        hint="blocked ",
        pattern=_TASK + r"(?:<.{1,40}> )?blocked (?:in I/O wait )?(?:on .{1,60} )?"
        r"for more than \d+ seconds",
        title="INFO: task hung in {frame}",
        alternatives=_HANG,
        blame=BLOCKED,
    ),
    Rule(
        kind="hung-task",
        hint="can't die for more than",
        pattern=_TASK + r"can't die for more than \d+ seconds",
        title="INFO: task can't die in {frame}",
        alternatives=_HANG,
        blame=CALLING.beside("schedule"),
    ),
    Rule(
        kind="soft-lockup",
        hint="BUG: soft lockup",
        pattern=r"(?:NMI )?(?:watchdog: )?BUG: soft lockup",
        title="BUG: soft lockup in {frame}",
        alternatives=_STALL,
        blame=LOCKED_UP,
    ),
    Rule(
        kind="hard-lockup",
        hint="ard LOCKUP",
        pattern=r"(?:NMI )?(?:[Ww]atchdog:?|CPU \d+).{0,40}[Hh]ard LOCKUP",
        title="BUG: hard lockup in {frame}",
        alternatives=(*_STALL, "kernel panic: Hard LOCKUP"),
        blame=LOCKED_UP,
    ),
    Rule(
        kind="rcu-stall",
        hint="INFO: rcu",
        pattern=r"(?:rcu: )?INFO: rcu_\w{1,32} (?:self-)?detected (?:expedited )?stalls?",
        title="INFO: rcu detected stall in {frame}",
        alternatives=_STALL,
        blame=_STALLED,
        within=frozenset({"rcu-stall"}),
    ),
    Rule(
        kind="workqueue-lockup",
        hint="BUG: workqueue lockup",
        pattern=r"BUG: workqueue lockup",
        title="BUG: workqueue lockup",
        traced=False,
    ),
)
