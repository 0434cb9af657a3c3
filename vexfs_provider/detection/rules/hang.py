"""Tasks and CPUs that make no progress (kernel/hung_task.c, kernel/watchdog.c, kernel/rcu/)."""

from vexfs_provider.detection.rule import Blame, Rule

RULES = (
    Rule(
        kind="hung-task",
        hint="blocked",
        pattern=r"INFO: task .{1,64}:\d+ blocked (?:in I/O wait )?for more than \d+ seconds",
        title="INFO: task hung in {frame}",
        blame=Blame.BLOCKED,
        recommendation="Look for the task that holds what this one waits for (sysrq w, sysrq d).",
    ),
    Rule(
        kind="soft-lockup",
        hint="soft lockup",
        pattern=r"(?:watchdog: )?BUG: soft lockup - CPU#\d+ stuck for",
        title="BUG: soft lockup in {frame}",
        blame=Blame.STALLED,
    ),
    Rule(
        kind="hard-lockup",
        hint="ard LOCKUP",
        pattern=r"(?:NMI )?[Ww]atchdog:? .{0,40}[Hh]ard LOCKUP",
        title="BUG: hard lockup in {frame}",
        blame=Blame.STALLED,
    ),
    Rule(
        kind="rcu-stall",
        hint="INFO: rcu",
        pattern=r"(?:rcu: )?INFO: rcu_\w+ (?:self-)?detected (?:expedited )?stalls?",
        title="INFO: rcu detected stall in {frame}",
        blame=Blame.STALLED,
        within=frozenset({"rcu-stall"}),
    ),
    Rule(
        kind="workqueue-lockup",
        hint="BUG: workqueue lockup",
        pattern=r"BUG: workqueue lockup",
        title="BUG: workqueue lockup",
    ),
)
