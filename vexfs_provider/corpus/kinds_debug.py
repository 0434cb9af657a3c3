"""What only a debug kernel sees: KASAN, UBSAN, KCSAN, lockdep, kmemleak, and LKDTM's list."""

from vexfs_provider.corpus.kinds import Kind, planted

_KASAN = (
    ("heap_read_behind", "slab-out-of-bounds", "Read"),
    ("heap_write_behind", "slab-out-of-bounds", "Write"),
    ("heap_copy_behind", "slab-out-of-bounds", "Read"),
    ("heap_read_freed", "slab-use-after-free", "Read"),
    ("heap_write_freed", "slab-use-after-free", "Write"),
    ("stack_read_behind", "stack-out-of-bounds", "Read"),
    ("global_read_behind", "global-out-of-bounds", "Read"),
)
_CONTEXTS = ("task", "kthread", "timer", "work")
_LOCKDEP = (
    ("lock_order", "WARNING: possible circular locking dependency", "^possible deadlock in "),
    ("spinlock_order", "WARNING: possible circular locking dependency", "^possible deadlock in "),
    ("lock_recursive", "WARNING: possible recursive locking", "^possible deadlock in "),
    ("lock_irq", "WARNING: inconsistent lock state", "^inconsistent lock state in "),
    ("lock_kept", "WARNING: lock held when returning to user space", None),
    ("unlock_unlocked", "WARNING: bad unlock balance detected", None),
    ("rcu_unprotected", "WARNING: suspicious RCU usage", "^WARNING: suspicious RCU usage in "),
)
_ATOMIC = "^BUG: sleeping function called from invalid context in vexfs_crash_{}$"
_LKDTM = (
    ("BUG", "kernel BUG at", "^kernel BUG in "),
    ("WARNING", "WARNING: CPU:", "^WARNING in "),
    ("WARNING_MESSAGE", "WARNING: CPU:", "^WARNING in "),
    ("EXCEPTION", "Oops:", None),
    ("EXHAUST_STACK", "stack guard page was hit", None),
    ("CORRUPT_STACK", "Kernel stack is corrupted in", "^kernel panic: stack is corrupted in "),
    ("CORRUPT_LIST_ADD", "list_add corruption", None),
    ("CORRUPT_LIST_DEL", "list_del corruption", None),
    ("EXEC_DATA", "NX-protected page", None),
    ("EXEC_RODATA", "NX-protected page", None),
    ("WRITE_RO", "BUG: unable to handle page fault", None),
    ("WRITE_KERN", "BUG: unable to handle page fault", None),
    ("ACCESS_USERSPACE", "Oops:", None),
    ("ACCESS_NULL", "Oops:", None),
    ("REFCOUNT_INC_OVERFLOW", "refcount_t: saturated", "^WARNING: refcount bug in "),
    ("REFCOUNT_ADD_ZERO", "refcount_t: addition on 0", "^WARNING: refcount bug in "),
    ("REFCOUNT_SUB_AND_TEST_NEGATIVE", "refcount_t: underflow", "^WARNING: refcount bug in "),
    ("USERCOPY_SLAB_SIZE_TO", "exposure attempt detected", "^BUG: bad usercopy in "),
    ("USERCOPY_STACK_BEYOND", "overwrite attempt detected", None),
    ("SLAB_FREE_DOUBLE", "BUG:", None),
    ("READ_AFTER_FREE", "BUG: KASAN:", "^KASAN: "),
    ("WRITE_AFTER_FREE", "BUG: KASAN:", "^KASAN: "),
    ("PANIC", "Kernel panic - not syncing: dumptest", "^kernel panic: dumptest$"),
)


def _kasan() -> list[Kind]:
    found = []
    for way, says, access in _KASAN:
        title = f"^KASAN: {says} {access} in "
        contexts = _CONTEXTS if way == "heap_read_freed" else ("task",)
        found += planted(
            way, f"BUG: KASAN: {says}", title, contexts=contexts, option="CONFIG_KASAN"
        )
    return found


def _lockdep() -> list[Kind]:
    found = []
    for way, says, title in _LOCKDEP:
        found += planted(way, says, title, option="CONFIG_PROVE_LOCKING")
    return found


def _lkdtm(name: str, says: str, title: str | None) -> Kind:
    script = f"modprobe lkdtm; echo {name} >/sys/kernel/debug/provoke-crash/DIRECT"
    return Kind(f"LKDTM {name}", script, says, title, option="CONFIG_LKDTM")


DEBUG: tuple[Kind, ...] = (
    *_kasan(),
    *_lockdep(),
    *planted(
        "mutex_in_atomic",
        "BUG: sleeping function called",
        _ATOMIC.format("mutex_in_atomic"),
        option="CONFIG_DEBUG_ATOMIC_SLEEP",
    ),
    *planted(
        "allocation_in_atomic",
        "BUG: sleeping function called",
        _ATOMIC.format("allocation_in_atomic"),
        option="CONFIG_DEBUG_ATOMIC_SLEEP",
    ),
    *planted(
        "processor_preemptible",
        "BUG: using smp_processor_id() in preemptible",
        "^BUG: using smp_processor_id\\(\\) in preemptible code in ",
        option="CONFIG_DEBUG_PREEMPT",
    ),
    *planted("index", "UBSAN: array-index-out-of-bounds", "^UBSAN: ", option="CONFIG_UBSAN_BOUNDS"),
    *planted("shift", "UBSAN: shift-out-of-bounds", "^UBSAN: ", option="CONFIG_UBSAN_SHIFT"),
    *planted(
        "shift_negative", "UBSAN: shift-out-of-bounds", "^UBSAN: ", option="CONFIG_UBSAN_SHIFT"
    ),
    *planted("race", "BUG: KCSAN: data-race", "^KCSAN: data-race in ", option="CONFIG_KCSAN"),
    Kind(
        "leak",
        "echo leak >/sys/kernel/debug/vexfs_crash/provoke; sleep 6; for i in 1 2 3; do"
        " echo scan >/sys/kernel/debug/kmemleak; sleep 1; done",
        "new suspected memory leaks",
        None,
        crash=False,
        note="notice",
        wait_s=60.0,
        option="CONFIG_DEBUG_KMEMLEAK",
    ),
    *(_lkdtm(*each) for each in _LKDTM),
)
