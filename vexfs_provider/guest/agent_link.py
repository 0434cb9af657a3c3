"""The host's end of the agent's port: frames out, frames in, several requests under way.

The frame format is described in ``deps/guest/agent.py``.
"""

import json
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import GuestDied, GuestError

MAGIC = b"VXF1"
HEAD = struct.Struct(">4sII")
END_GRACE_S = 2.0
PAYLOAD_LIMIT = 256 << 20  # bytes; a guest is hostile, its frame head must not exhaust the host


class AgentError(GuestError):
    """The agent answered with an error; ``details`` is what it said (type, message, errno ...)."""

    def __init__(self, message: str, details: dict[str, Any]):
        super().__init__(message)
        self.details = details

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return (type(self), (self.args[0], self.details))


@dataclass(frozen=True)
class Answer:
    """What the agent answered: a JSON value and raw bytes."""

    value: Any
    payload: bytes


class AgentLink:
    """Frames over a connected socket.

    ``watch`` is called whenever ``watched`` (a descriptor) becomes readable during a wait; it
    raises if the machine died, so that nobody waits for a dead guest.
    """

    def __init__(self, connection: socket.socket, watched: int, watch: Callable[[], None]):
        self._socket = connection
        self._socket.setblocking(False)
        self._watched = watched
        self._watch = watch
        self._buffer = bytearray()
        self._next_id = 1
        self._answers: dict[int, tuple[dict[str, Any], bytes]] = {}
        self._abandoned: set[int] = set()

    def submit(self, verb: str, deadline: Deadline, payload: bytes = b"", **arguments: Any) -> int:
        """Send a request; its number is for ``wait``.

        Raises what ``watch`` raises: nobody would answer, and no further event would end the wait.
        """
        self._watch()
        number = self._next_id
        self._next_id += 1
        head = {"id": number, "verb": verb, "timeout_s": deadline.remaining_s, **arguments}
        text = json.dumps(head).encode()
        self._send(HEAD.pack(MAGIC, len(text), len(payload)) + text + payload, deadline)
        return number

    def wait(self, number: int, deadline: Deadline) -> Answer:
        """The answer to request ``number``.

        Raises ``AgentError`` if the agent says so, ``DeadlineExpired`` if nothing came, and
        ``GuestDied`` (from ``watch``) if the machine went away.
        """
        while number not in self._answers:
            try:
                deadline.check()
            except Exception:
                self._abandoned.add(number)
                raise
            self._pump(deadline, select.POLLIN)
        head, payload = self._answers.pop(number)
        if "error" in head:
            raise _agent_error(head["error"])
        return Answer(head.get("value"), payload)

    def _send(self, data: bytes, deadline: Deadline) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                deadline.check()
                self._pump(deadline, select.POLLIN | select.POLLOUT)
            except OSError as error:
                self._port_closed(str(error))

    def _pump(self, deadline: Deadline, events: int) -> None:
        poll = select.poll()
        poll.register(self._socket, events)
        poll.register(self._watched, select.POLLIN)
        for descriptor, _ in poll.poll(max(1, int(deadline.remaining_s * 1000))):
            if descriptor == self._watched:
                self._watch()
            else:
                self._receive()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError as error:
            self._port_closed(str(error))
        if not data:
            self._port_closed("end of file")
        self._buffer += data
        while self._cut_frame():
            pass

    def _port_closed(self, why: str) -> NoReturn:
        """QEMU ends in a moment, since it never closes the port: then ``watch`` says how."""
        deadline = Deadline(END_GRACE_S, "QEMU's end")
        while not deadline.expired:
            self._watch()
            time.sleep(0.005)
        raise GuestDied(f"the agent's port is closed: {why}")

    def _cut_frame(self) -> bool:
        start = self._buffer.find(MAGIC)
        if start != 0:
            # Not a frame's begin: drop up to the next magic (or all but a possible part of one).
            del self._buffer[: start if start > 0 else max(0, len(self._buffer) - len(MAGIC) + 1)]
        if start < 0 or len(self._buffer) < HEAD.size:
            return False
        _, head_size, payload_size = HEAD.unpack_from(self._buffer)
        if head_size + payload_size > PAYLOAD_LIMIT:
            raise GuestError(f"the agent announced a frame of {head_size + payload_size} bytes")
        end = HEAD.size + head_size + payload_size
        if len(self._buffer) < end:
            return False
        head = _parse_head(bytes(self._buffer[HEAD.size : HEAD.size + head_size]))
        payload = bytes(self._buffer[HEAD.size + head_size : end])
        del self._buffer[:end]
        number = head["id"]
        if number in self._abandoned:
            self._abandoned.discard(number)
        else:
            self._answers[number] = (head, payload)
        return True


def _parse_head(text: bytes) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except ValueError as error:
        raise GuestError(f"the agent sent a frame that is not JSON: {text[:80]!r}") from error
    if not isinstance(head, dict) or not isinstance(head.get("id"), int):
        raise GuestError(f"the agent sent a frame without a number: {text[:80]!r}")
    return head


def _agent_error(details: dict[str, Any]) -> AgentError:
    return AgentError(f"{details.get('type')}: {details.get('message')}", details)
