"""A kernel that boots where another was running (arch/x86/boot, init/main.c)."""

from vexfs_provider.detection.rule import Rule


def _boot(hint: str, pattern: str, *, stamped: bool = False) -> Rule:
    return Rule(
        kind="reboot",
        hint=hint,
        pattern=pattern,
        title="unexpected kernel reboot",
        traced=False,
        stamped=stamped,
        restart=True,
        within=frozenset({"reboot"}),
    )


RULES = (
    _boot("Booting the kernel", r"Booting the kernel(?:\.| \()"),
    _boot("Linux version ", r"Linux version \d", stamped=True),
)
