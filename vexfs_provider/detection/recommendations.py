"""What to do next about a finding, by its kind."""

_OBJECT = "Compare the stacks under 'Allocated by' and 'Freed by' with the one of the access."
_FAULT = "Find the source line of the frame (scripts/faddr2line) and what its pointer came from."
_ORDER = "Compare the order of the locks in the two stacks; take them in one order everywhere."
_HELD = "Find the path that leaves with the lock held: an early return, or an error branch."
_STUCK = "Look for the loop or the lock in the stack of the CPU that makes no progress."
_DEVICE = "Look whether a fault was injected, or the host's disk is full or failing."
_CHECK = "Check the filesystem offline; look whether the block layer reported errors before."
_CONTEXT = "A lock or a disabled preemption is held around a call that may sleep."
_MEMORY = "The object was overwritten earlier: run the same with KASAN, which sees the write."
_STACK = "Look for recursion, and for large objects on the stack of the frame's callers."

_BY_KIND = {
    "kasan": _OBJECT,
    "kfence": _OBJECT,
    "kmsan": "Initialise what the stack under 'Uninit was' created.",
    "kcsan": "Take the lock in both functions, or mark both accesses (READ_ONCE ...).",
    "ubsan": "The report names the source line; check the range of the value before it is used.",
    "null-deref": _FAULT,
    "page-fault": _FAULT,
    "gpf": _FAULT,
    "stack-segment": _FAULT,
    "oops": _FAULT,
    "oops-other": _FAULT,
    "double-fault": _STACK,
    "stack-overflow": _STACK,
    "divide-error": "Check the divisor before the frame divides; it may come from the disk.",
    "invalid-opcode": "An assertion without a message, or code that was overwritten: see 'Code:'.",
    "kernel-bug": "The condition at the source line that the header names was thought impossible.",
    "warning": "The condition at the source line that the header names was thought impossible.",
    "refcount-warning": "Pair each get with one put on every path of the frame, errors included.",
    "list-corruption": _MEMORY,
    "slab-corruption": _MEMORY,
    "usercopy": "Copy within the object's bounds, or mark the part that users may see.",
    "hung-task": "Look for the task that holds what this one waits for (sysrq w, sysrq d).",
    "soft-lockup": _STUCK,
    "hard-lockup": _STUCK,
    "rcu-stall": _STUCK,
    "workqueue-lockup": "Look which work item occupies the pool (the lines behind the header).",
    "workqueue-leak": _HELD,
    "lockdep-deadlock": _ORDER,
    "lockdep-inconsistent": "Disable interrupts wherever the lock is taken that a handler takes.",
    "lockdep-other": _HELD,
    "suspicious-rcu": "Take rcu_read_lock() around the access, or name the lock that protects it.",
    "atomic-sleep": _CONTEXT,
    "preemptible": "Disable preemption around the use of per-CPU data.",
    "memory-leak": "Free what the stack under 'backtrace' allocated on every path.",
    "bad-page-state": "A page was freed while in use: compare where it was allocated and freed.",
    "bad-page-map": "The page table was overwritten, or a mapping was counted wrongly.",
    "dentry-leak": "A reference to the dentry was not given back before the unmount.",
    "inode-leak": "A reference to an inode was not given back before the unmount.",
    "file-count": "A file was closed twice: pair fget and fput on every path.",
    "device-leak": "A reference to the network device was not given back before it was removed.",
    "panic": "Look at the report before the panic; without one, at the panic's own stack.",
    "reboot": "Nothing was reported before the restart: raise the log level, or use kdump.",
    "oom": "Give the guest more memory (mem), or the workload less.",
    "block-io": _DEVICE,
    "ext4-error": _CHECK,
    "ext4-warning": _CHECK,
    "jbd2-error": _CHECK,
    "xfs-error": _CHECK,
    "btrfs-error": _CHECK,
    "f2fs-error": _CHECK,
    "vexfs-error": _CHECK,
    "filesystem-error": _CHECK,
}


def recommendation(kind: str) -> str:
    """One sentence on what to look at; empty for a kind that says nothing about its cause."""
    return _BY_KIND.get(kind, "")
