"""The dump of a panicked guest's memory, kept where ``dump_on_panic`` asks for it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from vexfs_provider.detection import Evidence, Finding
from vexfs_provider.errors import DeadlineExpired, GuestDied, GuestError
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.memory_dump import dump_memory

NAME = "guest.vmcore"


def keep_dump(guest: Guest, folder: Path) -> Evidence:
    """Dump the guest's memory beside its console; how to open it, or why there is none.

    ``folder`` is the test's, to which the evidence's source is relative.
    """
    path = guest.console_log.with_name(NAME)
    try:
        dump_memory(guest.machine, path)
    except (GuestError, GuestDied, DeadlineExpired, OSError) as error:
        return Evidence("scenario", f"no dump of the guest's memory: {error}")
    return Evidence(str(path.relative_to(folder)), _how_to_open(guest.kernel_release))


def attach(dump: Evidence, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, with the dump as evidence of the panic, which is the last of them."""
    last = max((at for at, each in enumerate(findings) if each.kind == "panic"), default=-1)
    return [
        replace(finding, evidence=(*finding.evidence, dump)) if at == last else finding
        for at, finding in enumerate(findings)
    ]


def _how_to_open(release: str) -> str:
    return (
        f"the guest's memory; open it with: crash /usr/lib/debug/boot/vmlinux-{release} {NAME} "
        f"(packages crash and linux-image-{release}-dbg)"
    )
