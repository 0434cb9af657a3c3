"""What to do next about a finding, by its kind, and why."""

from typing import NamedTuple


class Advice(NamedTuple):
    """A thing to do, and the reason to do that first."""

    do: str
    because: str


_OBJECT = Advice(
    "Compare the stacks under 'Allocated by' and 'Freed by' with the one of the access.",
    "The access is as a rule right, and the object's lifetime or size is not.",
)
_FAULT = Advice(
    "Find the source line of the frame (scripts/faddr2line) and what its pointer came from.",
    "The address is used there, but it was computed, or left unchecked, by a caller.",
)
_ORDER = Advice(
    "Compare the order of the locks in the two stacks; take them in one order everywhere.",
    "Two tasks that take them in different orders can wait for each other for ever.",
)
_HELD = Advice(
    "Find the path that leaves with the lock held: an early return, or an error branch.",
    "The usual path pairs them, or nothing would work at all.",
)
_STUCK = Advice(
    "Look for the loop or the lock in the stack of the CPU that makes no progress.",
    "It is the one that never gave up the processor; who complains is only its victim.",
)
_DEVICE = Advice(
    "Look whether a fault was injected, or the host's disk is full or failing.",
    "An emulated disk has no errors of its own: somebody made this one.",
)
_CHECK = Advice(
    "Check the filesystem offline; look whether the block layer reported errors before.",
    "Without an I/O error it was this kernel that wrote what it now refuses to read.",
)
_CONTEXT = Advice(
    "A lock or a disabled preemption is held around a call that may sleep.",
    "The scheduler would run somebody who may want the same lock, and spins for ever.",
)
_MEMORY = Advice(
    "Run the same with KASAN, which sees the write.",
    "The object was overwritten earlier, by somebody who is no longer in the stack.",
)
_STACK = Advice(
    "Look for recursion, and for large objects on the stack of the frame's callers.",
    "The kernel's stack is 16 KiB and does not grow.",
)
_CONDITION = Advice(
    "Look up the condition at the source line that the header names.",
    "Its author thought it impossible, so it says which assumption no longer holds.",
)
_REFERENCE = Advice(
    "Pair each get with one put on every path of the frame, errors included.",
    "One missing or superfluous call is what brings a counter there.",
)

_BY_KIND = {
    "kasan": _OBJECT,
    "kfence": _OBJECT,
    "kmsan": Advice(
        "Initialise what the stack under 'Uninit was' created.",
        "The report shows the use; the omission is where the memory came from.",
    ),
    "kcsan": Advice(
        "Take the lock in both functions, or mark both accesses (READ_ONCE ...).",
        "The compiler may tear, repeat or drop an access that it believes to be alone.",
    ),
    "ubsan": Advice(
        "Check the range of the value before the source line that the report names.",
        "The compiler may assume that it never leaves its range, and drop later checks.",
    ),
    "null-deref": _FAULT,
    "page-fault": _FAULT,
    "gpf": _FAULT,
    "stack-segment": _FAULT,
    "oops": _FAULT,
    "oops-other": _FAULT,
    "double-fault": _STACK,
    "stack-overflow": _STACK,
    "divide-error": Advice(
        "Check the divisor before the frame divides.",
        "It may come from the disk, where anything can stand.",
    ),
    "invalid-opcode": Advice(
        "Decode the bytes of 'Code:' (scripts/decodecode).",
        "It is either an assertion without a message, or code that was overwritten.",
    ),
    "kernel-bug": _CONDITION,
    "warning": _CONDITION,
    "refcount-warning": _REFERENCE,
    "list-corruption": _MEMORY,
    "slab-corruption": _MEMORY,
    "usercopy": Advice(
        "Copy within the object's bounds, or mark the part that users may see.",
        "Beyond it lies other memory of the kernel, which a user could read or change.",
    ),
    "hung-task": Advice(
        "Look for the task that holds what this one waits for (sysrq w, sysrq d).",
        "The task in the report is only the first that had waited too long.",
    ),
    "soft-lockup": _STUCK,
    "hard-lockup": _STUCK,
    "rcu-stall": _STUCK,
    "workqueue-lockup": Advice(
        "Look which work item occupies the pool (the lines behind the header).",
        "All items behind it wait, whoever queued them.",
    ),
    "workqueue-leak": _HELD,
    "lockdep-deadlock": _ORDER,
    "lockdep-inconsistent": Advice(
        "Disable interrupts wherever the lock is taken that a handler takes.",
        "The handler would otherwise wait for the very task that it interrupted.",
    ),
    "lockdep-other": _HELD,
    "suspicious-rcu": Advice(
        "Take rcu_read_lock() around the access, or name the lock that protects it.",
        "Without either, the object can be freed while it is read.",
    ),
    "atomic-sleep": _CONTEXT,
    "preemptible": Advice(
        "Disable preemption around the use of per-CPU data.",
        "The task can move to another CPU between finding the data and using it.",
    ),
    "memory-leak": Advice(
        "Free what the stack under 'backtrace' allocated on every path.",
        "Nothing points to it any more, so nobody else can.",
    ),
    "bad-page-state": Advice(
        "Compare where the page was allocated and freed (page_owner=on shows it).",
        "It was freed while in use, and the report comes at its next turn.",
    ),
    "bad-page-map": _MEMORY,
    "dentry-leak": _REFERENCE,
    "inode-leak": _REFERENCE,
    "file-count": Advice(
        "Pair fget and fput on every path.", "The file was closed once more than it was opened."
    ),
    "device-leak": _REFERENCE,
    "panic": Advice(
        "Look at the report before the panic; without one, at the panic's own stack.",
        "A panic is mostly the last word about something that was reported already.",
    ),
    "reboot": Advice(
        "Raise the log level (ignore_loglevel), or keep a dump of the memory.",
        "Nothing was reported before the restart, so the log has nothing to offer.",
    ),
    "oom": Advice(
        "Give the guest more memory (mem), or the workload less.",
        "The kernel had none left to give, which is no crash; a leak is seen by repeating.",
    ),
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
    """What to do, and the reason; empty for a kind that says nothing about its cause."""
    advice = _BY_KIND.get(kind)
    return f"{advice.do} Reason: {advice.because}" if advice else ""
