"""Out of memory (mm/oom_kill.c): a victim of the load more often than a bug."""

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.rule import Rule

RULES = (
    Rule(
        kind="oom",
        hint="ut of memory",
        pattern=r"(?P<where>Out of memory|Memory cgroup out of memory): Kill",
        title="{where}: a process was killed",
        severity=Severity.WARNING,
        lines=1,
        recommendation="Give the guest more memory (mem), or the workload less.",
    ),
)
