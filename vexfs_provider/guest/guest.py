"""A running guest as scenarios see it: commands, files, calls, disks, evidence when it hangs."""

import errno
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import AgentLost, DeadlineExpired, GuestDied, GuestError
from vexfs_provider.guest import code, disks
from vexfs_provider.guest.agent_link import AgentError, Answer
from vexfs_provider.guest.diary import Diary, Operation
from vexfs_provider.guest.machine import Machine, State
from vexfs_provider.guest.protocol import COMMAND_NOT_FOUND, CommandResult
from vexfs_provider.guest.shape import Disk

ENTROPY_BYTES = 64
AGENT_GRACE_S = 5.0  # the guest's own deadline fires first; past this the agent itself is lost
DIRECT_TIMEOUT_S = 20.0
DISK_TIMEOUT_S = 30.0
POWER_OFF_TIMEOUT_S = 60.0
FLIGHT_LIMIT = 16 << 20  # bytes; a hostile guest must not exhaust the host
TOLD_VERBS = ("run", "call")  # of the agent's, those that are operations to people
STEP_NOTE = "vexfs: step: "  # starts the kernel log's lines that name what is under way


class GuestHung(DeadlineExpired):
    """An operation in the guest did not end in time; ``stuck`` holds its tasks and their stacks."""

    def __init__(self, message: str, stuck: Sequence[Mapping[str, Any]] = ()):
        super().__init__(message)
        self.stuck = tuple(stuck)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return (type(self), (self.args[0], self.stuck))


@dataclass(frozen=True)
class Request:
    """What the guest's agent was asked for, and does beside other things."""

    number: int
    what: str
    timeout_s: float
    deadline: Deadline
    operation: Operation


class Guest:
    """A fresh guest with its agent ready. Owns the machine: ``close`` ends it."""

    def __init__(self, machine: Machine, folder: Path, run_scratch: Path):
        self.machine = machine
        self.folder = folder
        self.kernel_release = ""
        self.console_start = 0
        self.limit: Deadline | None = None
        self.diary = Diary(folder / "console.log")
        self._scratch = run_scratch
        self.disks: dict[str, Disk] = {}
        self._paths: dict[str, str] = {}
        self._loaded: set[str] = set()

    def __enter__(self) -> "Guest":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def console_log(self) -> Path:
        return self.machine.console_log

    def wake(self, boundary: str, deadline: Deadline) -> None:
        """Set the clock, add fresh entropy, write the boundary line; a fork's first command."""
        entropy = secrets.token_bytes(ENTROPY_BYTES)
        arguments = {"epoch_ns": time.time_ns(), "boundary": boundary}
        self.diary.mark()
        number = self.machine.agent.submit("wake", deadline, entropy, **arguments)
        self.kernel_release = self.machine.agent.wait(number, deadline).value["kernel"]
        self.diary.mark()

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float,
        env: Mapping[str, str] | None = None,
        input: bytes | None = None,
    ) -> CommandResult:
        """Run a command; see ``GuestCommands.run``. Raises ``GuestHung`` past ``timeout_s``."""
        return self.finish_run(self.start_run(argv, timeout_s=timeout_s, env=env, input=input))

    def start_run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float,
        env: Mapping[str, str] | None = None,
        input: bytes | None = None,
    ) -> Request:
        """Start a command that runs beside others; ``finish_run`` is next, or this guest's end."""
        arguments = {"argv": list(argv), "env": dict(env or {})}
        return self._submit("run", timeout_s, input or b"", " ".join(argv), **arguments)

    def finish_run(self, request: Request) -> CommandResult:
        """Wait for a command's end. Raises ``GuestHung`` past its ``timeout_s``."""
        try:
            answer = self._answer(request)
        except AgentError as error:
            if error.details.get("errno") == errno.ENOENT:
                return CommandResult(COMMAND_NOT_FOUND, b"", str(error).encode(), 0.0)
            raise
        size = answer.value["stdout_size"]
        out, err = answer.payload[:size], answer.payload[size:]
        return CommandResult(answer.value["status"], out, err, answer.value["seconds"])

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file, its folders made if missing."""
        self._ask("put", DIRECT_TIMEOUT_S, data, f"writing {path}", path=path, mode=mode)

    def get(self, path: str, *, offset: int = 0, size: int = 16 << 20) -> bytes:
        """Read at most ``size`` bytes of a file."""
        arguments = {"path": path, "offset": offset, "size": size}
        return self._ask("get", DIRECT_TIMEOUT_S, b"", f"reading {path}", **arguments).payload

    def load_code(self, name: str) -> None:
        """Give the agent ``deps/guest/code/NAME.py``, whose functions ``call`` then reaches.

        What it imports from that folder is loaded before it, and each module once.
        """
        for module, source in code.sources(name).items():
            if module not in self._loaded:
                self.load_source(module, source)

    def load_source(self, name: str, source: bytes) -> None:
        """Give the agent Python source as the module ``name``."""
        self._ask("module", DIRECT_TIMEOUT_S, source, f"loading {name}", name=name)
        self._loaded.add(name)

    def call(self, module: str, function: str, timeout_s: float, **arguments: Any) -> Any:
        """Call a function of a loaded module in a process of its own; JSON in, JSON out.

        The kernel's log names it, so that a crash shows what was under way.
        """
        what = f"{module}.{function}"
        request: dict[str, Any] = {"module": module, "function": function, "arguments": arguments}
        request["note"] = STEP_NOTE + what
        return self._ask("call", timeout_s, b"", what, **request).value

    def note(self, text: str) -> None:
        """Write a line into the kernel log."""
        self._ask("kmsg", DIRECT_TIMEOUT_S, b"", "writing to the kernel log", text=text)

    def sysrq(self, keys: str) -> None:
        """Trigger magic SysRq keys by the agent, or by the serial console if it is lost."""
        try:
            self._ask("sysrq", DIRECT_TIMEOUT_S, b"", f"sysrq {keys}", keys=keys)
        except (AgentLost, AgentError):
            for key in keys:
                self.machine.serial_sysrq(key)

    def stuck_tasks(self) -> list[dict[str, Any]]:
        """Tasks in uninterruptible sleep, with their kernel stacks."""
        return self._ask("stuck", DIRECT_TIMEOUT_S, b"", "listing stuck tasks").value

    def flight(self) -> bytes:
        """What the guest has told its flight recorder since ``clear_flight``, the end at least."""
        with open(self.machine.flight_log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - FLIGHT_LIMIT))
            return file.read()

    def clear_flight(self) -> None:
        """Empty the flight recorder, before a program that uses it."""
        os.truncate(self.machine.flight_log, 0)

    def _ask(
        self, verb: str, timeout_s: float, payload: bytes, what: str, **arguments: Any
    ) -> Answer:
        return self._answer(self._submit(verb, timeout_s, payload, what, **arguments))

    def _submit(
        self, verb: str, timeout_s: float, payload: bytes, what: str, **arguments: Any
    ) -> Request:
        timeout_s = self._limited(timeout_s)
        deadline = Deadline(timeout_s, what)
        operation = self.diary.begin(what, shown=verb in TOLD_VERBS)
        number = self.machine.agent.submit(verb, deadline, payload, **arguments)
        end = Deadline(timeout_s + AGENT_GRACE_S, what)
        return Request(number, what, timeout_s, end, operation)

    def _answer(self, request: Request) -> Answer:
        what, timeout_s = request.what, request.timeout_s
        try:
            answer = self.machine.agent.wait(request.number, request.deadline)
            request.operation.ended()
            return answer
        except AgentError as error:
            if error.details.get("type") == "Timeout":
                if self.limit is not None:
                    self.limit.check()  # it was the test's time that ended, not the operation's
                message = f"{what} did not end within {timeout_s:g} s"
                raise GuestHung(message, error.details.get("stuck", ())) from error
            request.operation.ended()
            raise
        except DeadlineExpired as error:
            raise AgentLost(f"the agent did not answer while {what} was under way") from error
        finally:
            self.diary.mark()

    def _limited(self, timeout_s: float) -> float:
        """``timeout_s``, or what is left of ``limit`` (the test's whole time) if that is less."""
        if self.limit is None:
            return timeout_s
        self.limit.check()
        return min(timeout_s, self.limit.remaining_s)

    def add_disk(self, disk: Disk) -> str:
        """Plug a disk (made empty if it names no image) and return its path in the guest.

        A disk on a bus without hotplug must be part of the machine's shape; it is only looked up.
        """
        if disk.hot_pluggable:
            disk = disks.with_image(disk, self._scratch)
            disks.plug(self.machine.qmp, disk)
        return self.find_disk(disk)

    def find_disk(self, disk: Disk) -> str:
        """Wait until the guest has a disk that the machine has got; its path there."""
        arguments = {"serial": disk.serial, "fresh": not disk.hot_pluggable}
        answer = self._ask("disk", DISK_TIMEOUT_S, b"", f"waiting for {disk.serial}", **arguments)
        self.disks[disk.name] = disk
        self._paths[disk.name] = answer.value
        return answer.value

    def forget_disk(self, name: str) -> None:
        """The machine no longer has that disk."""
        del self.disks[name], self._paths[name]

    def disk_path(self, name: str) -> str:
        """The guest's device path of a plugged disk."""
        if name not in self._paths:
            raise GuestError(f"no disk {name!r} is plugged; there are: {', '.join(self._paths)}")
        return self._paths[name]

    def console(self) -> bytes:
        """The console since the boundary line of this guest's start."""
        return self.console_log.read_bytes()[self.console_start :]

    def state(self) -> State:
        return self.machine.state()

    def power_off(self) -> None:
        """Have the kernel power the machine off at once; what the disks were sent is in the images.

        What is mounted is not unmounted. Raises ``GuestDied`` if the machine ends otherwise and
        ``DeadlineExpired``.
        """
        deadline = Deadline(self._limited(POWER_OFF_TIMEOUT_S), "power-off of the guest")
        self.machine.agent.submit("sysrq", deadline, keys="o")  # may end before it can answer
        state = self.machine.wait_end(deadline)
        if state is not State.POWERED_OFF:
            raise GuestDied(f"the guest did not power off: {state.value}", state.value)
        # QEMU flushes its block nodes when the machine has stopped, and answers only after that.
        self.machine.qmp.execute("query-status")

    def booted_again(self, deadline: Deadline) -> None:
        """Set up the guest, whose kernel has just booted in the same machine."""
        self.machine.renew_agent()
        self._loaded.clear()
        self.wake(f"vexfs: ---- {self.machine.name} has booted again ----", deadline)
        for disk in list(self.disks.values()):
            self.find_disk(disk)

    def close(self) -> State:
        """End the guest at once (its root is read-only, there is nothing to shut down)."""
        return self.machine.kill()
