"""WARN_ON and its like (kernel/panic.c, lib/refcount.c, lib/debugobjects.c)."""

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.rule import NAMED, Rule
from vexfs_provider.detection.trail import WARNED

# "WARNING: CPU: 1 PID: 2 at file:line func+..", from 6.19 on "WARNING: [condition] file:line at .."
_AT = r"WARNING: (?:CPU: \d+ PID: -?\d+ at |\[.{1,300}?\] |at )?"
_LINE = r":\d+ (?:at )?"
_SOURCE = r"[\w./-]{1,200}\.[a-z]{1,4}" + _LINE


def _in(file: str, bug: str, *skip: str, function: str = "", kind: str = "warning") -> Rule:
    """A check that generic code in ``file`` makes on behalf of the callers to blame."""
    return Rule(
        kind=kind,
        hint="WARNING: ",
        pattern=_AT + r"(?:\S{1,200}/)?" + file + _LINE + function,
        title=f"WARNING: {bug} in {{frame}}",
        blame=WARNED.beside(*skip) if skip else WARNED,
    )


_BY_FILE = (
    _in(
        r"lib/debugobjects\.c",
        "ODEBUG bug",
        "debug_ rcu hrtimer_ timer_ work_ percpu_ vunmap vfree __free_ kobject_",
    ),
    _in(r"mm/usercopy\.c", "bad usercopy", "usercopy __check"),
    _in(r"lib/kobject\.c", "kobject bug", "kobject_"),
    _in(r"fs/proc/generic\.c", "proc registration bug", "proc_"),
    _in(r"lib/refcount\.c", "refcount bug", "refcount kobject_", kind="refcount-warning"),
    _in(
        r"kernel/locking/lockdep\.c",
        "locking bug",
        "lock_sock release_sock",
        function=r"\w*lock_",
        kind="lockdep-other",
    ),
    _in(
        r"mm/[\w/]{1,60}\.c",
        "kmalloc bug",
        "kmalloc krealloc slab kmem",
        function="k?.?malloc",
    ),
    _in(r"mm/vmalloc\.c", "zero-size vmalloc", function="__vmalloc_node"),
)
_BY_FUNCTION = (
    Rule(
        kind="list-corruption",
        hint="WARNING: ",
        pattern=_AT + r"(?:\S{1,200}/)?lib/list_debug\.c:\d",
        title="WARNING in {frame}",
        blame=WARNED,
    ),
    Rule(
        kind="warning",
        hint="WARNING: ",
        pattern=_AT + _SOURCE + r"usb_submit_urb\b",
        title="WARNING in {frame}/usb_submit_urb",
        blame=WARNED.beside("usb_(?:submit|start_wait)_urb usb_(?:bulk|interrupt|control)_msg"),
    ),
    Rule(
        kind="warning",
        hint="WARNING: ",
        pattern=_AT + _SOURCE + r"(?:0x[0-9a-f]|" + NAMED + ")",
        title="WARNING in {frame}",
        blame=WARNED,
    ),
    Rule(
        kind="warning",
        hint="WARNING: ",
        pattern=r"WARNING: CPU: \d+ PID: -?\d+ at ",
        title="WARNING in {frame}",
        blame=WARNED,
    ),
    Rule(
        kind="warning",
        hint="WARNING: kernel stack",
        pattern=r"WARNING: kernel stack regs at .{1,200}? has bad '(?P<bad>[^']{1,16})' value",
        title="WARNING: kernel stack regs has bad '{bad}' value",
        traced=False,
    ),
    Rule(
        kind="warning",
        hint="WARNING: kernel stack",
        pattern=r"WARNING: kernel stack frame pointer at .{1,200}? has bad value",
        title="WARNING: kernel stack frame pointer has bad value",
        traced=False,
    ),
)
# Advice on the machine or its configuration, which a healthy kernel gives too.
_ADVICE = (
    r"(?!.{0,200}(?i:deprecat|obsolete|unsupported|not supported|experimental|legacy|performance"
    r"|mitigat|vulnerab|insecure|unsafe|recommend|microcode|\bBIOS\b|firmware|MTRR|\bTSC\b|\bHPET\b"
    r"|APIC|ACPI|cpumask|compiled|config|option|parameter|module))"
)


def _words(level: str) -> Rule:
    """Words without a stack: a machine with trouble, and not a bug that was caught."""
    return Rule(
        kind="warning-message",
        hint=f"{level}: ",
        pattern=rf"{level}: {_ADVICE}(?P<what>\S.{{0,200}})",
        title=f"{level}: {{what}}",
        general=True,
        severity=Severity.WARNING,
        stamped=True,
        traced=False,
    )


MESSAGES = (
    _words("WARNING"),
    _words("INFO"),
    # most of them by drivers: dev_warn prints "driver device: "
    Rule(
        kind="warning-message",
        hint=": WARNING: ",
        pattern=r"(?:usb|pci|\w{1,32} \d)[\w:. -]{1,40}: WARNING: (?P<what>\S.{0,200})",
        title="WARNING: {what}",
        general=True,
        severity=Severity.WARNING,
        lines=1,
    ),
)
CHECKS = (*_BY_FILE, *_BY_FUNCTION)
