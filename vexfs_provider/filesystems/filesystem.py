"""A filesystem in a guest: load, make, mount, unmount and check, by its profile."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vexfs_provider.errors import ModuleNotBuilt, NotApplicable
from vexfs_provider.filesystems.errors import FilesystemError, Step
from vexfs_provider.filesystems.fuse_daemon import FuseDaemon
from vexfs_provider.filesystems.on_disk import LABEL, Purpose
from vexfs_provider.filesystems.profile import Kind, ModuleSpec, Profile, expand
from vexfs_provider.guest.kernel import list_kernels, recipe_of_release
from vexfs_provider.guest.module import Module, build_command
from vexfs_provider.guest.protocol import COMMAND_NOT_FOUND, CommandResult, GuestCommands

TOOLS_DIR = "/run/vexfs/bin"
"""Where tools of out-of-tree modules go: the guest's root is read-only, /run is not."""

_OBJECTS_DIR = "/run/vexfs/modules"
_PATH = {"PATH": f"{TOOLS_DIR}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

ModuleLookup = Callable[[str], Module | None]
"""Finds the build of an out-of-tree module for the guest's kernel, by the module's name."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds that a step may take; generous, since a debug kernel without KVM is slow."""

    load_s: float = 60
    mkfs_s: float = 180
    mount_s: float = 60
    unmount_s: float = 120
    check_s: float = 600


@dataclass(frozen=True)
class CheckResult:
    """What the filesystem's own check said.

    ``available`` is False if there is no such check, in its profile or in the guest; ``ok`` is
    False then too, for nothing was checked.
    """

    ok: bool
    output: str
    available: bool


class Filesystem:
    """A filesystem by its profile, in one guest.

    Every step raises ``FilesystemError`` with the command and its output when it fails,
    ``NotApplicable`` when this guest lacks what the step needs, and ``DeadlineExpired`` or
    ``GuestDied`` as the guest does. ``size_mib`` is the size of the device, for ``{size_mib}``.
    """

    def __init__(
        self,
        profile: Profile,
        guest: GuestCommands,
        *,
        size_mib: int | None = None,
        timeouts: Timeouts | None = None,
    ):
        self.profile = profile
        self._guest = guest
        self._size_mib = profile.min_size_mib if size_mib is None else size_mib
        self._timeouts = timeouts or Timeouts()
        self._daemons: dict[str, FuseDaemon] = {}

    def load(self, find_module: ModuleLookup) -> None:
        """Make the kernel know the filesystem: modprobe, or insert the out-of-tree module."""
        for name in self.profile.load:
            self._modprobe(name)
        if self.profile.module:
            self._install(self.profile.module, find_module)

    def unload(self) -> None:
        """Remove an out-of-tree module; the modules of the kernel's own filesystems stay."""
        if self.profile.module and self._is_inserted(self.profile.module):
            command = ["rmmod", self.profile.module.kernel_name]
            self._step("unload", command, self._timeouts.load_s)

    def make(self, device: str, purpose: str = "") -> None:
        """Make a filesystem on a device (mkfs); nothing to do if the profile names no command.

        For a ``purpose``, one of the profile's ``made_for``, with the words for it.
        """
        if self.profile.mkfs:
            more = self.profile.made_for.get(purpose, Purpose()).mkfs
            place = _device_place(self.profile.mkfs)
            words = [*self.profile.mkfs[:place], *more, *self.profile.mkfs[place:]]
            command = self._expand(words, device=device)
            self._step("mkfs", command, self._timeouts.mkfs_s)

    def mount(self, device: str, mountpoint: str, options: Sequence[str] = ()) -> float:
        """Mount a device, with the profile's options and ``options``, at a folder made if missing.

        A filesystem in memory has no device: it is mounted by its type. Returns the seconds that
        the mount command took, or the daemon until its mount was there.
        """
        profile, timeout_s = self.profile, self._timeouts.mount_s
        self._step("mount", ["mkdir", "-p", mountpoint], timeout_s)
        words = [*profile.mount_options, *options]
        every = self._expand(words, device=device, mountpoint=mountpoint)
        option_words = ["-o", ",".join(every)] if every else []
        if profile.daemon:
            command = self._expand(profile.daemon, device=device, mountpoint=mountpoint)
            command += option_words  # as every daemon built on libfuse takes them
            daemon = FuseDaemon(profile.name, self._guest, command, mountpoint, _PATH)
            started = time.monotonic()
            daemon.start(timeout_s)
            self._daemons[mountpoint] = daemon
            return time.monotonic() - started
        source = profile.type if profile.kind is Kind.MEMORY else device
        command = ["mount", "-t", profile.type, *option_words, source, mountpoint]
        return self._step("mount", command, timeout_s)

    def system_call(self, device: str) -> dict[str, Any]:
        """What mount(2) mounts it with, for the guest's code: its device, kind and options."""
        options = self._expand(self.profile.mount_options, device=device)
        return {"device": device, "kind": self.profile.type, "options": options}

    def unmount(self, mountpoint: str) -> float:
        """Unmount; a FUSE daemon has written everything and ended when this returns.

        Returns the seconds that the command took, with the daemon's end.
        """
        command = self._expand(self.profile.unmount, mountpoint=mountpoint)
        seconds = self._step("unmount", command, self._timeouts.unmount_s)
        daemon = self._daemons.pop(mountpoint, None)
        if daemon:
            started = time.monotonic()
            daemon.wait_for_end(self._timeouts.unmount_s)
            seconds += time.monotonic() - started
        return seconds

    def grow(self, device: str, mountpoint: str) -> None:
        """Make the mounted filesystem as large as its device has become.

        Raises ``NotApplicable`` if its profile names no command for that.
        """
        if self.profile.grow is None:
            raise NotApplicable(f"{self.profile.name} has no grow command")
        command = self._expand(self.profile.grow, device=device, mountpoint=mountpoint)
        self._step("grow", command, self._timeouts.mkfs_s)

    def check(self, device: str) -> CheckResult:
        """Run the filesystem's check on an unmounted device; it changes nothing there."""
        if self.profile.check is None:
            return CheckResult(False, f"{self.profile.name} has no check command", False)
        command = self._expand(self.profile.check, device=device)
        result = self._run(command, self._timeouts.check_s)
        if result.status == COMMAND_NOT_FOUND:
            return CheckResult(False, f"the guest has no {command[0]}", False)
        return CheckResult(result.status in self.profile.check_ok, result.text, True)

    def _install(self, module: ModuleSpec, find_module: ModuleLookup) -> None:
        built = find_module(module.name)
        if built is None:
            raise ModuleNotBuilt(f"{module.name} is not built; run: {self._build_command(module)}")
        for tool in sorted(built.tools.iterdir()):
            self._guest.put(f"{TOOLS_DIR}/{tool.name}", tool.read_bytes(), 0o755)
        if not module.object or self._is_inserted(module):
            return
        path = built.find_object(module.object)
        if path is None:
            made = ", ".join(item.name for item in built.objects)
            raise NotApplicable(
                f"the build of {module.name} made {made}, not {module.object}; "
                f"build it from another source: {self._build_command(module)}"
            )
        target = f"{_OBJECTS_DIR}/{module.object}"
        self._guest.put(target, path.read_bytes())
        self._step("load", ["insmod", target, *module.params], self._timeouts.load_s)

    def _modprobe(self, name: str) -> None:
        command = ["modprobe", name]
        result = self._run(command, self._timeouts.load_s)
        if not result.ok and "not found" in result.text:
            raise NotApplicable(
                f"kernel {self._guest.kernel_release} has no module {name}, which "
                f"{self.profile.name} needs; choose a generic one of: {', '.join(list_kernels())}"
            )
        self._require("load", command, result)

    def _is_inserted(self, module: ModuleSpec) -> bool:
        command = ["test", "-d", f"/sys/module/{module.kernel_name}"]
        return self._run(command, self._timeouts.load_s).ok

    def _build_command(self, module: ModuleSpec) -> str:
        kernel = recipe_of_release(self._guest.kernel_release) or self._guest.kernel_release
        return build_command(module.name, kernel, module.tools)

    def _step(self, step: Step, command: Sequence[str], timeout_s: float) -> float:
        """Run a command that must succeed; returns its seconds, measured in the guest."""
        result = self._run(command, timeout_s)
        self._require(step, command, result)
        return result.seconds

    def _require(self, step: Step, command: Sequence[str], result: CommandResult) -> None:
        if result.status == COMMAND_NOT_FOUND:
            module = self.profile.module
            if module and command[0] in module.tools:
                hint = f"build it with the module: {self._build_command(module)}"
            else:
                hint = "add the package that has it to the guest image's recipe"
            raise NotApplicable(
                f"{self.profile.name} needs {command[0]}, which the guest lacks; {hint}"
            )
        if not result.ok:
            raise FilesystemError(self.profile.name, step, command, result)

    def _run(self, command: Sequence[str], timeout_s: float) -> CommandResult:
        return self._guest.run(command, timeout_s=timeout_s, env=_PATH)

    def _expand(self, words: Sequence[str], **values: str) -> list[str]:
        return expand(words, {"size_mib": self._size_mib, "label": LABEL, **values})


def _device_place(command: Sequence[str]) -> int:
    """Where the device stands among the words; behind the last where it is not named."""
    named = [place for place, word in enumerate(command) if "{device}" in word]
    return named[0] if named else len(command)
