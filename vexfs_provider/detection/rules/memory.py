"""Out of memory (mm/oom_kill.c), a victim of the load more often than a bug, and guessed leaks."""

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.rule import Rule

RULES = (
    Rule(
        kind="oom",
        hint="ut of memory",
        pattern=r"(?P<where>Out of memory|Memory cgroup out of memory)"
        r"(?: \(oom_kill_allocating_task\))?: Kill",
        title="{where}: a process was killed",
        severity=Severity.WARNING,
        lines=1,
        notice=True,
    ),
    Rule(
        kind="oom",
        hint="lowmemorykiller: Killing",
        pattern=r"lowmemorykiller: Killing '",
        title="Out of memory: a process was killed",
        severity=Severity.WARNING,
        lines=1,
        notice=True,
    ),
    # mm/kmemleak.c; the stacks are in its debugfs file, and what was just allocated looks leaked
    Rule(
        kind="memory-leak",
        hint="new suspected memory leaks",
        pattern=r"kmemleak: \d+ new suspected memory leaks",
        title="kmemleak: suspected memory leaks",
        severity=Severity.WARNING,
        lines=1,
        notice=True,
    ),
)
