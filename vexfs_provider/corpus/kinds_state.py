"""Broken lists, counts, slabs, pages and stacks, and tasks and processors that hang."""

from vexfs_provider.corpus.kinds import Kind, planted, sysctl

_LIST = "^BUG: corrupted list in vexfs_crash_{}$"
_REFCOUNT = "^WARNING: refcount bug in vexfs_crash_{}$"
_USERCOPY = "^BUG: bad usercopy in vexfs_crash_{}$"
_HUNG = "^INFO: task hung in vexfs_crash_{}$"
_SLAB = "BUG vexfs_debugged ("
_BLOCKED = "blocked for more than"
_SOFT = "BUG: soft lockup"
_STALL = "rcu: INFO: rcu_preempt"
_FENCE = "BUG: KFENCE:"
_LISTS = (
    ("chain_add", "list_add corruption"),
    ("chain_add_twice", "list_add double add"),
    ("chain_del", "list_del corruption"),
    ("chain_del_twice", "list_del corruption"),
)
_PATIENT = sysctl("kernel.watchdog_thresh", 60)
_WATCHFUL = sysctl("kernel.watchdog_thresh", 1)
_HASTY = sysctl("kernel.hung_task_timeout_secs", 1)
_STALL_AFTER = "/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout"
_GRACE_PERIODS = "(while mount -t tmpfs x /tmp; do umount /tmp; done) & sleep 0.3"  # which stall
_STALLING = f"{_PATIENT}; echo 3 >{_STALL_AFTER}; {_GRACE_PERIODS}"
_FENCED = "echo 1 >/sys/module/kfence/parameters/sample_interval; sleep 0.2"


def _lists() -> list[Kind]:
    kinds = []
    for way, says in _LISTS:
        contexts = ("task", "kthread", "timer") if way == "chain_del" else ("task",)
        kinds += planted(way, says, _LIST.format(way), contexts=contexts)
    return kinds


def _fence(way: str, says: str, title: str) -> list[Kind]:
    return planted(way, says, title, before=_FENCED, option="CONFIG_KFENCE")


def _hung(way: str, title: str | None = None) -> list[Kind]:
    title = title or _HUNG.format(way)
    contexts = ("task", "kthread")
    return planted(way, _BLOCKED, title, contexts=contexts, before=_HASTY, wait_s=40.0)


COUNTS: tuple[Kind, ...] = (
    *_lists(),
    *planted("chain_del_null", "list_del corruption", _LIST.format("chain_del_null")),
    *planted("count_zero", "use-after-free.", _REFCOUNT.format("count_zero")),
    *planted("count_saturated", "saturated; leaking", _REFCOUNT.format("count_saturated")),
    *planted("count_underflow", "underflow;", _REFCOUNT.format("count_underflow")),
    *planted("count_leak", "leaking memory", _REFCOUNT.format("count_leak")),
)
MEMORY: tuple[Kind, ...] = (
    *planted("double_free", "kernel BUG at mm/slub.c", "^kernel BUG in "),
    *planted("free_area", "vexfs_crash_free_area+0x", None),  # a fault or a warning
    *planted("cache_double_free", _SLAB, "^BUG: (Object already free|Slab has )"),
    *planted("cache_overrun", _SLAB, "^BUG: (Right Redzone overwritten|Object corrupt)$"),
    *planted("cache_late_write", _SLAB, "^BUG: (Poison overwritten|Object corrupt)$"),
    *planted("cache_remaining", _SLAB, "^BUG: Objects remaining"),
    # Who last allocated it is only known with page_owner, and is who is blamed.
    *planted("bad_page", "BUG: Bad page state", "^BUG: Bad page state in "),
    *planted("bad_page_mapped", "BUG: Bad page state", "^BUG: Bad page state in "),
    *planted("copy_heap", "overwrite attempt detected", _USERCOPY.format("copy_heap")),
    *planted("copy_text", "exposure attempt detected", _USERCOPY.format("copy_text")),
    *planted("copy_stack", "exposure attempt detected", _USERCOPY.format("copy_stack")),
    *planted("fortify", "detected buffer overflow", "^(kernel BUG|WARNING) in "),
    *planted("fortify_name", "detected buffer overflow", "^(kernel BUG|WARNING) in "),
    *planted("fortify_field", "field-spanning write", "^WARNING in vexfs_crash_fortify_field$"),
    *_fence("fenced_overrun", f"{_FENCE} out-of-bounds", "^KFENCE: out-of-bounds (read )?in "),
    *_fence(
        "fenced_use_after_free", f"{_FENCE} use-after-free", "^KFENCE: use-after-free (read )?in "
    ),
    *_fence("fenced_double_free", f"{_FENCE} invalid free", "^KFENCE: invalid free in "),
    *_fence("fenced_corruption", f"{_FENCE} memory corruption", "^KFENCE: memory corruption in "),
)
STACKS: tuple[Kind, ...] = (
    *planted("recursion", "stack guard page was hit", None),
    *planted("recursion", "stack guard page was hit", None, contexts=("kthread",)),
    *planted(
        "stack_protector",
        "stack-protector: Kernel stack is corrupted in",
        "^kernel panic: stack is corrupted in vexfs_crash_stack_protector$",
    ),
    *planted("stack_end", "corrupted stack end detected", "^kernel panic: corrupted stack end in "),
)
HANGS: tuple[Kind, ...] = (
    *planted(
        "busy",
        _SOFT,
        "^BUG: soft lockup in ",
        contexts=("task", "kthread", "work", "timer", "noise"),
        before=_WATCHFUL,
    ),
    *planted("busy_spinlock", _SOFT, "^BUG: soft lockup in ", before=_WATCHFUL),
    *planted(
        "busy_reader",
        _STALL,
        "^INFO: rcu detected stall in ",
        contexts=("task", "kthread", "timer"),
        before=_STALLING,
    ),
    *planted(
        "busy_irq_off",
        _STALL,
        "^INFO: rcu detected stall in ",
        contexts=("task", "ipi"),
        before=_STALLING,
    ),
    *_hung("mutex_twice"),
    *_hung("reads_own_write"),
    *_hung("never_completed"),
    *_hung("semaphore_lost"),
    *_hung("never_woken"),
    # Those who wait behind it are not reported: no hung tasks are looked for after an oops.
    *planted(
        "oops_with_mutex",
        "BUG: kernel NULL pointer dereference",
        "^BUG: unable to handle kernel NULL pointer dereference in vexfs_crash_oops_with_mutex$",
    ),
    *planted(
        "oops_with_spinlock",
        "exited with preempt_count",
        "^BUG: unable to handle kernel NULL pointer dereference in vexfs_crash_oops_with_spinlock$",
    ),
    *planted(
        "sleep_atomic",
        "BUG: scheduling while atomic",
        "^BUG: scheduling while atomic in vexfs_crash_sleep_atomic$",
        contexts=("task", "kthread", "work", "timer"),
    ),
    *planted("sleep_spinlock", "BUG: scheduling while atomic", "^BUG: scheduling while atomic in "),
    *planted(
        "sleep_reader",
        "Voluntary context switch within RCU read-side",
        "^WARNING in rcu_note_context_switch$",
    ),
    *planted(
        "work_leaks",
        "BUG: workqueue leaked",
        "^BUG: workqueue leaked ",
    ),
)
