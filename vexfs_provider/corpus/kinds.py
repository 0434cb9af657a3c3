"""Ways to crash a guest: what is run, what the console must then say, how the report is named."""

import re
from dataclasses import dataclass

WAIT_S = 20.0
ON = "=[ym]"


@dataclass(frozen=True)
class Kind:
    """One way to provoke a report.

    ``script`` is run by the guest's shell in the background. ``says`` is a literal that the console
    must hold afterwards, or the kind did not fire; ``wait_s`` is how long it may take. ``expected``
    is a regular expression for the normalised title of the first report. ``option`` names a line
    that the kernel's configuration must have. ``crash`` is false for what a kernel reports without
    having crashed, such as an I/O error; ``note`` says so.
    """

    name: str
    script: str
    says: str
    expected: str | None
    crash: bool = True
    note: str = ""
    wait_s: float = WAIT_S
    option: str = ""
    disk: bool = False

    def fits(self, config: str) -> bool:
        """Whether a kernel of this configuration (its text) can report it."""
        return not self.option or bool(re.search(rf"^{self.option}{ON}$", config, re.MULTILINE))


def provoke(way: str, context: str = "task") -> str:
    """The shell's line that has our module go wrong."""
    return f"echo {way} {context} >/sys/kernel/debug/vexfs_crash/provoke"


def sysctl(name: str, value: object) -> str:
    """The shell's line for a setting, where the kernel has it."""
    return f"echo {value} >/proc/sys/{name.replace('.', '/')} 2>/dev/null"


def planted(
    way: str,
    says: str,
    title: str | None,
    *,
    contexts: tuple[str, ...] = ("task",),
    before: str = ":",
    wait_s: float = WAIT_S,
    option: str = "",
) -> list[Kind]:
    """The kinds of one way of our module: one for each context, named after both."""
    return [
        Kind(
            name=way if context == "task" else f"{way} in {context}",
            script=f"{before}; {provoke(way, context)}",
            says=says,
            expected=title,
            wait_s=wait_s,
            option=option,
        )
        for context in contexts
    ]


def inserted(way: str, says: str, title: str | None) -> Kind:
    """The kind of a way that is taken while the module is being inserted."""
    script = f"rmmod vexfs_crash; insmod /run/vexfs/vexfs_crash.ko how={way}"
    return Kind(f"{way} in init", script, says, title)
