"""BUG_ON and the many lines that begin with "BUG"."""

from vexfs_provider.detection.rule import Blame, Rule

_AT = r"(?:kernel BUG|Kernel BUG) at (?:\S*/)?"

RULES = (
    Rule(
        kind="list-corruption",
        hint="ernel BUG at",
        pattern=_AT + r"lib/list_debug\.c:\d+",
        title="BUG: corrupted list in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="usercopy",
        hint="ernel BUG at",
        pattern=_AT + r"mm/usercopy\.c:\d+",
        title="BUG: bad usercopy in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="kernel-bug",
        hint="ernel BUG at",
        pattern=r"(?:kernel BUG|Kernel BUG) at [^\[]{1,300}?(?::\d+!|$)",
        title="kernel BUG in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="atomic-sleep",
        hint="BUG: sleeping function",
        pattern=r"BUG: sleeping function called from invalid context",
        title="BUG: sleeping function called from invalid context in {frame}",
        blame=Blame.FAULTING,
        recommendation="A lock or a disabled preemption is held around a call that may sleep.",
    ),
    Rule(
        kind="atomic-sleep",
        hint="BUG: scheduling while",
        pattern=r"BUG: scheduling while atomic",
        title="BUG: scheduling while atomic in {frame}",
        blame=Blame.FAULTING,
        recommendation="A lock or a disabled preemption is held around a call that may sleep.",
    ),
    Rule(
        kind="preemptible",
        hint="in preemptible",
        pattern=r"BUG: using (?P<what>\w+\(\)) in preemptible",
        title="BUG: using {what} in preemptible code in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="memory-leak",
        hint="BUG: memory leak",
        pattern=r"BUG: memory leak",
        title="memory leak in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="workqueue-leak",
        hint="BUG: workqueue leaked",
        pattern=r"BUG: workqueue leaked lock or atomic",
        title="BUG: workqueue leaked lock or atomic in {func}",
        details=r"last function: (?P<func>\w+)",
    ),
    Rule(
        kind="bad-page-state",
        hint="BUG: Bad page state",
        pattern=r"BUG: Bad page state",
        title="BUG: Bad page state in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="bad-page-map",
        hint="BUG: Bad",
        pattern=r"BUG: Bad (?P<what>page map|rss-counter state|page cache|pagetable)",
        title="BUG: Bad {what}",
    ),
    Rule(
        kind="dentry-leak",
        hint="still in use",
        pattern=r"BUG: Dentry .{0,160} still in use \(-?\d+\)",
        title="BUG: Dentry still in use in unmount",
        recommendation="A reference to the dentry was not given back before the unmount.",
    ),
    Rule(
        kind="inode-leak",
        hint="Busy inodes after unmount",
        pattern=r"VFS: Busy inodes after unmount of (?P<device>\S+)",
        title="VFS: Busy inodes after unmount",
        recommendation="A reference to an inode was not given back before the unmount.",
    ),
    Rule(
        kind="file-count",
        hint="VFS: Close: file count",
        pattern=r"VFS: Close: (?P<what>file count is (?:zero|0))",
        title="VFS: Close: file count is zero (use-after-free)",
    ),
    Rule(
        kind="slab-corruption",
        hint="BUG ",
        pattern=r"BUG [\w.:-]+ \([^)]{1,80}\): (?P<what>[A-Z][\w -]{1,60})",
        title="BUG: {what}",
    ),
    Rule(
        kind="bug-other",
        hint="BUG: ",
        pattern=r"(?:\w+: )?BUG: (?P<what>\S.{0,120})",
        title="BUG: {what}",
    ),
)
