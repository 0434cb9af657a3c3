"""Faults of the processor and assertions, provoked by our module in varied contexts."""

from dataclasses import replace

from vexfs_provider.corpus.kinds import Kind, inserted, planted, sysctl

NULL = "BUG: kernel NULL pointer dereference, address:"
PAGE = "BUG: unable to handle page fault for address:"
GPF = "general protection fault"
WARN = "WARNING: CPU:"
FATAL = "Kernel panic - not syncing: Fatal exception"
OTHERS = ("task", "kthread", "work", "timer", "irq", "hrtimer", "ipi")
LISTING = ("ext4", "overlay", "proc")
SOME = ("task", "kthread", "tasklet", "rcu")
FEW = ("task", "work")
PANIC_ON_OOPS = sysctl("kernel.panic_on_oops", 1)
PANIC_ON_WARN = sysctl("kernel.panic_on_warn", 1)

_NULL = "^BUG: unable to handle kernel NULL pointer dereference in vexfs_crash_{}$"
_PAGE = "^BUG: unable to handle kernel paging request in vexfs_crash_{}$"
_GPF = "^general protection fault in vexfs_crash_{}$"
_WARN = "^WARNING in vexfs_crash_{}$"
_BUG = "^kernel BUG in vexfs_crash_{}$"


def _page(way: str, contexts: tuple[str, ...] = ("task",)) -> list[Kind]:
    return planted(way, PAGE, _PAGE.format(way), contexts=contexts)


def _in_init() -> list[Kind]:
    return [
        inserted("null_write", NULL, _NULL.format("null_write")),
        inserted("bug", "kernel BUG at", _BUG.format("bug")),
        inserted("warning", WARN, _WARN.format("warning")),
        inserted("divide", "divide error:", "^divide error in vexfs_crash_divide$"),
    ]


def _with_panic() -> list[Kind]:
    """Reports that the kernel is told to end at, once they are complete."""
    found = []
    for way, title in (("null_read", _NULL), ("hole_write", _PAGE), ("bug", _BUG)):
        [kind] = planted(way, FATAL, title.format(way), before=PANIC_ON_OOPS)
        found.append(replace(kind, name=f"{way}, panic_on_oops"))
    says = "Kernel panic - not syncing: "
    [kind] = planted("warn_on", says, _WARN.format("warn_on"), before=PANIC_ON_WARN)
    return [*found, replace(kind, name="warn_on, panic_on_warn")]


FAULTS: tuple[Kind, ...] = (
    *planted("null_read", NULL, _NULL.format("null_read"), contexts=(*OTHERS, "noise")),
    *planted("null_write", NULL, _NULL.format("null_write"), contexts=(*SOME, *LISTING)),
    *planted("null_member", NULL, _NULL.format("null_member"), contexts=FEW),
    *planted("null_exec", NULL, "^BUG: unable to handle kernel NULL pointer dereference in "),
    *_page("user_read"),
    *_page("user_write"),
    *planted("user_exec", PAGE, "^BUG: unable to handle kernel paging request in "),
    *_page("hole_read", FEW),
    *_page("hole_write", ("task", "tasklet")),
    *planted("hole_exec", PAGE, "^BUG: unable to handle kernel paging request in "),
    *_page("area_freed"),
    *_page("area_end"),
    *_page("error_value", FEW),
    *planted("not_canonical_read", GPF, _GPF.format("not_canonical_read"), contexts=OTHERS),
    *planted("not_canonical_write", GPF, _GPF.format("not_canonical_write"), contexts=LISTING),
    *planted("stale_link", GPF, _GPF.format("stale_link"), contexts=SOME),
    *planted("divide", "divide error:", "^divide error in vexfs_crash_divide$", contexts=SOME),
    *planted("divide_overflow", "divide error:", "^divide error in vexfs_crash_divide_overflow$"),
    *planted("opcode", "invalid opcode:", "^invalid opcode in vexfs_crash_opcode$", contexts=FEW),
    *planted("breakpoint", "int3:", None),
    *planted("exec_data", "kernel tried to execute NX-protected page", None),
    *planted("exec_heap", "kernel tried to execute NX-protected page", None),
    *_page("write_rodata"),
    *_page("write_text"),
)
ASSERTIONS: tuple[Kind, ...] = (
    *planted("warning", WARN, _WARN.format("warning"), contexts=(*OTHERS, "noise")),
    *planted("warn_on", WARN, _WARN.format("warn_on"), contexts=(*SOME, *LISTING)),
    *planted("warn_once", WARN, _WARN.format("warn_once")),
    *planted("warn_numbers", WARN, _WARN.format("warn_numbers"), contexts=FEW),
    *planted("warn_lines", WARN, _WARN.format("warn_lines")),
    *planted("bug", "kernel BUG at", _BUG.format("bug"), contexts=(*OTHERS, "noise")),
    *planted("bug_on", "kernel BUG at", _BUG.format("bug_on"), contexts=(*SOME, *LISTING)),
    *planted("panic", "Kernel panic - not syncing: vexfs:", "^kernel panic: vexfs: the journal"),
    *planted("panic_short", "not syncing: out of ideas", "^kernel panic: out of ideas$"),
    *_in_init(),
    *_with_panic(),
    *planted(
        "unborn_object", "yet kobject_put", "^WARNING: kobject bug in vexfs_crash_unborn_object$"
    ),
    *planted(
        "entry_twice",
        "already registered",
        "^WARNING: proc registration bug in vexfs_crash_entry_twice$",
    ),
    *planted(
        "entry_missing",
        "WARNING: CPU:",
        "^WARNING: proc registration bug in vexfs_crash_entry_missing$",
    ),
    *planted("area_twice", "Trying to vfree() nonexistent", "^WARNING in (__vunmap|vfree)$"),
    *planted("free_irq", "Trying to free already-free IRQ", "^WARNING in "),
    *planted("irq_enabled", "Unbalanced enable for IRQ", "^WARNING in "),
    *planted("unborn_item", WARN, "^WARNING in "),
    *planted("timer_twice", "at kernel/time/timer.c:", "^(kernel BUG|WARNING) in "),
)
