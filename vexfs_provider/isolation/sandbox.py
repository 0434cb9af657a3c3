"""How QEMU is fenced in: seccomp filter, no default devices, no user configuration, no network."""

SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"


def confinement_arguments() -> list[str]:
    """QEMU arguments of every guest; what a guest gets beyond them is added by name elsewhere."""
    return [
        "-sandbox",
        SANDBOX,
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-vga",
        "none",
    ]


def die_with_parent(argv: list[str]) -> list[str]:
    """``argv`` run so that the kernel kills it when we die, however we die (PR_SET_PDEATHSIG).

    To be used from a thread that lives on: it is the death of the calling thread that counts.
    """
    return ["setpriv", "--pdeathsig", "KILL", "--", *argv]
