"""A machine: started, watched, its ends told apart, and always stopped."""

import contextlib
import enum
import select
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import AgentLost, DeadlineExpired, GuestDied, GuestError
from vexfs_provider.guest.agent_link import AgentLink
from vexfs_provider.guest.command_line import AGENT_PORT, Boot, Channels, base_arguments
from vexfs_provider.guest.qemu_process import QemuProcess
from vexfs_provider.guest.qmp import Qmp
from vexfs_provider.guest.shape import Shape
from vexfs_provider.isolation.runs import Run

END_GRACE_S = 2.0
CONSOLE_TIMEOUT_S = 20.0
CONSOLE_QUIET_S = 0.5  # a dump of a thousand tasks is printed without such a pause


class State(enum.Enum):
    """What became of the machine; QEMU's exit status alone cannot tell these apart."""

    RUNNING = "running"
    PANICKED = "panicked"
    RESET = "reset"
    POWERED_OFF = "powered off"
    QEMU_EXITED = "QEMU exited"


# QEMU's ShutdownCause (qapi/run-state.json) -> what it means for us.
SHUTDOWN_STATES = {
    "guest-reset": State.RESET,
    "guest-shutdown": State.POWERED_OFF,
    "guest-panic": State.PANICKED,
    "host-qmp-system-reset": State.RESET,
}


@dataclass(frozen=True)
class Berth:
    """Where a machine lives: its run, its name within the run, the folder for its logs."""

    run: Run
    name: str
    folder: Path


@dataclass(frozen=True)
class LaunchPlan:
    """Everything a machine needs; ``start`` are the arguments that boot or restore it.

    ``shares_ram`` says that its memory is a file that other machines have mapped too.
    """

    shape: Shape
    boot: Boot
    start: list[str]
    shares_ram: bool = False


class Machine:
    """A QEMU process with its QMP connection and the agent's port. Use as a context manager."""

    def __init__(self, berth: Berth, plan: LaunchPlan, deadline: Deadline):
        run, name = berth.run, berth.name
        self.berth = berth
        self.plan = plan
        self.name = f"vexfs-{run.id}-{name}"
        self.console_log = berth.folder / "console.log"
        self.flight_log = berth.folder / "flight.log"
        self.shell_socket = run.folder / f"{name}.shell"
        self._console_socket = run.folder / f"{name}.console"
        self._events_seen = 0
        self._state = State.RUNNING
        self._agent_open = True
        self._agent_missed = False
        self._ended = False
        qmp_ours, qmp_theirs = socket.socketpair()
        self._agent_socket, agent_theirs = socket.socketpair()
        try:
            with qmp_theirs, agent_theirs:
                channels = Channels(
                    qmp_fd=qmp_theirs.fileno(),
                    agent_fd=agent_theirs.fileno(),
                    shell_socket=self.shell_socket,
                    console_log=self.console_log,
                    console_socket=self._console_socket,
                    flight_log=self.flight_log,
                )
                base = base_arguments(self.name, plan.shape, plan.boot, channels)
                self._process = QemuProcess(
                    [*base, *plan.start],
                    (channels.qmp_fd, channels.agent_fd),
                    berth.folder / "qemu.log",
                    run,
                    self.name,
                )
        except BaseException:
            qmp_ours.close()
            self._agent_socket.close()
            raise
        try:
            self.qmp = Qmp(qmp_ours, deadline)
        except (GuestError, OSError) as error:
            self._end()
            words = self._process.last_words() or error
            raise GuestError(f"QEMU did not start: {words}") from error
        except BaseException:
            self._end()
            raise
        self.agent = AgentLink(self._agent_socket, self.qmp.wakeup, self.watch)

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def state(self) -> State:
        """What the machine is now; never blocks."""
        self.qmp.drain_wakeup()
        for event in self.qmp.events[self._events_seen :]:
            self._events_seen += 1
            self._note(event)
        if self._state is State.RUNNING and self._process.ended:
            self._state = State.QEMU_EXITED
        return self._state

    def _note(self, event: dict) -> None:
        if event["event"] == "GUEST_PANICKED":
            self._state = State.PANICKED
        elif event["event"] == "VSERPORT_CHANGE" and event["data"]["id"] == AGENT_PORT:
            self._agent_open = event["data"]["open"]
        elif event["event"] == "SHUTDOWN" and self._state is State.RUNNING:
            reason = event["data"].get("reason", "")
            self._state = SHUTDOWN_STATES.get(reason, State.QEMU_EXITED)

    def qemu_version(self) -> str:
        """QEMU's version and package, as it says itself."""
        answer = self.qmp.execute("query-version")
        number = answer["qemu"]
        return f"{number['major']}.{number['minor']}.{number['micro']} {answer['package']}".strip()

    def watch(self) -> None:
        """Raise ``GuestDied`` unless the machine runs, ``AgentLost`` if its agent has ended."""
        state = self.state()
        if state is State.RUNNING and not self._agent_open:
            state = self._end_behind_agent()
        if state is not State.RUNNING:
            words = self._process.last_words() if state is State.QEMU_EXITED else ""
            said = f", saying: {words}" if words else ""
            raise GuestDied(f"the guest is gone: {state.value}{said}", state.value)
        if not self._agent_open:
            raise AgentLost("the guest's agent has closed its port: it was killed or it crashed")

    def _end_behind_agent(self) -> State:
        """A guest that powers off closes the agent's port before QEMU tells of its end."""
        if not self._agent_missed:
            self._agent_missed = True
            with contextlib.suppress(DeadlineExpired):
                self.wait_end(Deadline(END_GRACE_S, "the machine's end behind its agent's"))
        return self.state()

    def wait_event(self, name: str, deadline: Deadline, *, start: int = 0) -> dict:
        """The first event ``name`` at or after position ``start`` of ``qmp.events``.

        Raises ``GuestDied`` if the machine ends before, and ``DeadlineExpired``.
        """
        position = start
        while True:
            for event in self.qmp.events[position:]:
                position += 1
                if event["event"] == name:
                    return event
            deadline.check()
            state = self.state()
            if state is not State.RUNNING:
                raise GuestDied(f"{state.value} before the event {name}", state.value)
            self._sleep_until_something(deadline)

    def renew_agent(self) -> None:
        """Begin to talk to an agent that has just started, in a guest that booted again."""
        with contextlib.suppress(BlockingIOError):
            while self._agent_socket.recv(1 << 16):
                pass  # what the agent before it still said
        self._agent_missed = False
        self.agent = AgentLink(self._agent_socket, self.qmp.wakeup, self.watch)

    def wait_end(self, deadline: Deadline) -> State:
        """Wait until the machine no longer runs. Raises ``DeadlineExpired``."""
        while self.state() is State.RUNNING:
            deadline.check()
            self._sleep_until_something(deadline)
        return self.state()

    def _sleep_until_something(self, deadline: Deadline) -> None:
        poll = select.poll()
        poll.register(self.qmp.wakeup, select.POLLIN)
        poll.register(self._process.pidfd, select.POLLIN)
        poll.poll(max(1, int(deadline.remaining_s * 1000)))

    def serial_sysrq(self, key: str) -> None:
        """Press magic SysRq ``key`` on the serial console: works when the agent no longer does.

        Returns when the kernel has printed what the key asks for.
        """
        with socket.socket(socket.AF_UNIX) as console:
            console.connect(str(self._console_socket))
            self.qmp.execute("chardev-send-break", id="console")
            console.sendall(key.encode())
        self._wait_for_quiet_console(Deadline(CONSOLE_TIMEOUT_S, f"the console after SysRq {key}"))

    def _wait_for_quiet_console(self, deadline: Deadline) -> None:
        """Nothing says that a dump is over but that no more of it comes."""
        size = -1
        while size != (size := self.console_log.stat().st_size) and not deadline.expired:
            time.sleep(CONSOLE_QUIET_S)

    def kill(self) -> State:
        """End QEMU at once, whatever the guest does; returns the state it was found in."""
        if self._ended:
            return self._state
        state = self.state()
        self.qmp.close()
        self._end()
        return state

    def _end(self) -> None:
        self._ended = True
        self._process.end()
        self._agent_socket.close()
        for path in (self._console_socket, self.shell_socket):
            path.unlink(missing_ok=True)
