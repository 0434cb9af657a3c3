"""Classes of crashes under the names that syzkaller's reports use, from the begin of a title."""

from functools import lru_cache

# Special before general: the first that fits counts. None: known to have no class.
_TYPES: tuple[tuple[str, str | None], ...] = (
    ("KFENCE: use-after-free write", "KFENCE-USE-AFTER-FREE-WRITE"),
    ("KFENCE: use-after-free", "KFENCE-USE-AFTER-FREE-READ"),
    ("KFENCE: invalid write", "KFENCE-WRITE"),
    ("KFENCE: out-of-bounds write", "KFENCE-WRITE"),
    ("KFENCE: invalid read", "KFENCE-READ"),
    ("KFENCE: out-of-bounds", "KFENCE-READ"),
    ("KFENCE: memory corruption", "KFENCE-MEMORY-CORRUPTION"),
    ("KFENCE: invalid free", "KFENCE-INVALID-FREE"),
    ("KFENCE:", "KFENCE-UNKNOWN"),
    ("KMSAN: uninit-value", "KMSAN-UNINIT-VALUE"),
    ("KMSAN: kernel-infoleak-after-free", "KMSAN-USE-AFTER-FREE-READ"),
    ("KMSAN: kernel-usb-infoleak-after-free", "KMSAN-USE-AFTER-FREE-READ"),
    ("KMSAN: use-after-free", "KMSAN-USE-AFTER-FREE-READ"),
    ("KMSAN: kernel-infoleak", "KMSAN-INFO-LEAK"),
    ("KMSAN: kernel-usb-infoleak", "KMSAN-INFO-LEAK"),
    ("KMSAN:", "KMSAN-UNKNOWN"),
    ("KASAN: null-ptr-deref Write", "KASAN-NULL-POINTER-DEREFERENCE-WRITE"),
    ("KASAN: null-ptr-deref Read", "KASAN-NULL-POINTER-DEREFERENCE-READ"),
    ("KASAN: double-free or invalid-free", "KASAN-INVALID-FREE"),
    ("KASAN: invalid-free", "KASAN-INVALID-FREE"),
    ("KASAN: slab-use-after-free Write", "KASAN-USE-AFTER-FREE-WRITE"),
    ("KASAN: slab-use-after-free Read", "KASAN-USE-AFTER-FREE-READ"),
    ("KASAN: use-after-free Write", "KASAN-USE-AFTER-FREE-WRITE"),
    ("KASAN: use-after-free", "KASAN-USE-AFTER-FREE-READ"),
    *(
        (f"KASAN: {where} Write", "KASAN-WRITE")
        for where in (
            "global-out-of-bounds",
            "out-of-bounds",
            "slab-out-of-bounds",
            "stack-out-of-bounds",
            "user-memory-access",
            "vmalloc-out-of-bounds",
            "wild-memory-access",
        )
    ),
    *(
        (f"KASAN: {where}", "KASAN-READ")  # at least
        for where in (
            "global-out-of-bounds Read",
            "invalid-access Read",
            "out-of-bounds Read",
            "slab-out-of-bounds",
            "stack-out-of-bounds",
            "unknown-crash Read",
            "user-memory-access Read",
            "vmalloc-out-of-bounds Read",
            "wild-memory-access",
        )
    ),
    ("KASAN:", "KASAN-UNKNOWN"),
    ("KCSAN: data-race", "KCSAN-DATARACE"),
    ("KCSAN: assert: race in", "KCSAN-ASSERT"),
    ("KCSAN:", "KCSAN-UNKNOWN"),
    ("UBSAN: array-index-out-of-bounds", "MEMORY_SAFETY_UBSAN"),
    ("UBSAN:", "UBSAN"),
    ("BUG: unable to handle kernel NULL pointer dereference in", "NULL-POINTER-DEREFERENCE"),
    ("BUG: unable to handle kernel paging request", "MEMORY_SAFETY_BUG"),
    ("BUG: corrupted list", "MEMORY_SAFETY_BUG"),
    ("BUG: bad usercopy in", "BUG"),
    ("kernel BUG", "BUG"),
    ("WARNING: refcount bug", "REFCOUNT_WARNING"),
    ("BUG: bad unlock balance in", "LOCKDEP"),
    ("BUG: held lock freed in", "LOCKDEP"),
    ("BUG: rwlock", "LOCKDEP"),
    ("BUG: spinlock", "LOCKDEP"),
    ("BUG: still has locks held in", "LOCKDEP"),
    ("BUG: using", "LOCKDEP"),
    ("WARNING: bad unlock balance in", "LOCKDEP"),
    ("WARNING: held lock freed in", "LOCKDEP"),
    ("WARNING: lock held", "LOCKDEP"),
    ("WARNING: locking bug in", "LOCKDEP"),
    ("WARNING: nested lock was not taken in", "LOCKDEP"),
    ("WARNING: still has locks held in", "LOCKDEP"),
    ("WARNING: suspicious RCU usage in", "LOCKDEP"),
    ("inconsistent lock state in", "LOCKDEP"),
    ("possible deadlock in", "LOCKDEP"),
    ("BUG: scheduling while atomic in", "ATOMIC_SLEEP"),
    ("BUG: sleeping function called from invalid context in", "ATOMIC_SLEEP"),
    ("memory leak in", "LEAK"),
    ("WARNING: corrupted", None),
    ("WARNING: kernel stack frame pointer has bad value", None),
    ("WARNING: kernel stack regs has bad", None),
    ("WARNING", "WARNING"),
    ("BUG: soft lockup in", "HANG"),
    ("BUG: hard lockup in", "HANG"),
    ("INFO: rcu detected stall in", "HANG"),
    ("INFO: task can't die in", "HANG"),
    ("INFO: task hung in", "HANG"),
    ("unexpected kernel reboot", "REBOOT"),
    *(
        (begin, "DoS")
        for begin in (
            "Alignment trap in",
            "BUG: Object already free",
            "Internal error in",
            "Oops in",
            "PANIC: double fault",
            "Unhandled fault in",
            "VFS: Busy inodes after unmount (use-after-free)",
            "VFS: Close: file count is zero (use-after-free)",
            "divide error in",
            "general protection fault in",
            "int3 in",
            "invalid opcode in",
            "kernel panic:",
            "kernel stack overflow",
            "rust_kernel panicked",
            "stack segment fault in",
            "unregister_netdevice: waiting for DEV to become free",
        )
    ),
)


@lru_cache(1024)
def type_of(title: str) -> str | None:
    """The class of the crash, or None where there is no name for it."""
    return next((name for begin, name in _TYPES if title.startswith(begin)), None)
