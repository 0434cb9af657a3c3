"""Where to probe a module so that every lock it takes is seen, and what the probes' numbers mean.

The probes stand at the module's own calls, so the rest of the kernel runs at full speed. Locks
that others take while they call the module (the VFS, an inode's ``i_rwsem`` say) are not seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vexfs_provider.instrumentation.lock_functions import (
    LOCK_FUNCTIONS,
    LockFunction,
    Role,
    Success,
)
from vexfs_provider.instrumentation.module_object import CallSite, ModuleObject, Way

GROUP = "vexfs"
TAKE, TAKEN, RELEASE, INITIALISE = (
    f"{GROUP}/{name}" for name in ("take", "taken", "release", "initialise")
)


@dataclass(frozen=True)
class LockSite:
    """A call of a function that does something to a lock."""

    call: CallSite
    function: LockFunction

    @property
    def can_be_followed(self) -> bool:
        """Whether a probe can be set, and the outcome of the call be learned."""
        if self.call.way is Way.BRANCH or not self.call.is_unique:
            return False
        return self.call.way is Way.CALL or self.function.success is Success.ALWAYS


def lock_sites(module: ModuleObject) -> tuple[list[LockSite], list[str]]:
    """The calls to probe, whose index is their number, and what of them cannot be followed."""
    sites = [LockSite(call, LOCK_FUNCTIONS[call.callee]) for call in module.calls(LOCK_FUNCTIONS)]
    limits = [
        f"not followed: {site.call.callee} called by {site.call.way.value} at {site.call.place}"
        for site in sites
        if not site.can_be_followed
    ]
    inline = _released_inline(sites)
    limits += [
        f"not followed: {family} locks, which the module releases inline" for family in inline
    ]
    kept = [s for s in sites if s.can_be_followed and s.function.family not in inline]
    return kept, limits


def _released_inline(sites: Sequence[LockSite]) -> list[str]:
    """Families of locks that the module takes but never calls a function to release."""
    roles = {(site.function.family, site.function.role) for site in sites}
    families = sorted({family for family, role in roles if role is Role.TAKE})
    return [family for family in families if (family, Role.RELEASE) not in roles]


def probe_lines(module: str, sites: Iterable[LockSite]) -> list[str]:
    """The lines for ``kprobe_events``; probes of one event differ by their number alone."""
    lines = []
    for number, site in enumerate(sites):
        event = f"{GROUP}/{site.function.role.value}"
        arguments = f"site=\\{number}:u32 flags=%flags:u32 lock=%{site.function.register}:x64"
        if site.function.role is Role.INITIALISE:
            arguments += " name=+0(%si):string"
        lines.append(f"p:{event} {module}:{site.call.place} {arguments}")
        if site.function.role is Role.TAKE and site.call.way is Way.CALL:
            behind = f"site=\\{number}:u32 flags=%flags:u32 result=%ax:s32"
            lines.append(f"p:{TAKEN} {module}:{site.call.behind} {behind}")
    return lines
