"""A synchronous QMP connection on top of ``qemu.qmp``, whose event loop runs in a thread.

Every event is kept in order; a waiter polls ``wakeup`` (a file descriptor) beside its own.
"""

import asyncio
import contextlib
import os
import socket
import threading
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from qemu.qmp import ConnectError, EventListener, QMPClient, QMPError

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import DeadlineExpired, GuestDied, GuestError


class Qmp:
    """QMP over a connected socket. ``events`` grows; each is QEMU's own JSON object."""

    def __init__(self, connection: socket.socket, deadline: Deadline):
        self.events: list[dict[str, Any]] = []
        self.wakeup = os.eventfd(0, os.EFD_NONBLOCK)
        self._client = QMPClient("vexfs")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="qmp", daemon=True)
        self._thread.start()
        self._listener = EventListener()
        self._client.register_listener(self._listener)
        try:
            self._wait(self._connect(connection), deadline, "QMP handshake")
        except (DeadlineExpired, GuestError):
            self.close()
            raise

    async def _connect(self, connection: socket.socket) -> None:
        await self._client.connect(connection)
        self._reader = self._loop.create_task(self._read_events())

    async def _read_events(self) -> None:
        async for event in self._listener:
            self.events.append(dict(event))
            os.eventfd_write(self.wakeup, 1)

    def _wait(self, coroutine: Any, deadline: Deadline, what: str) -> Any:
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(deadline.remaining_s)
        except FutureTimeout:
            future.cancel()
            raise DeadlineExpired(
                f"QEMU did not answer {what} within {deadline.seconds:g} s"
            ) from None
        except ConnectError as error:
            raise GuestDied(f"QEMU ended before {what}: {error}") from error
        except QMPError as error:
            raise GuestError(f"QEMU refused {what}: {error}") from error

    def execute(self, command: str, timeout_s: float = 10.0, **arguments: Any) -> Any:
        """Run one QMP command. Raises ``GuestError`` if refused, ``DeadlineExpired`` if late."""
        converted = {name.replace("_", "-"): value for name, value in arguments.items()}
        deadline = Deadline(timeout_s, command)
        return self._wait(self._client.execute(command, converted), deadline, command)

    def execute_raw(self, command: str, arguments: dict[str, Any], timeout_s: float = 10.0) -> Any:
        """Like ``execute``, for arguments whose names are no Python names or keep underscores."""
        deadline = Deadline(timeout_s, command)
        return self._wait(self._client.execute(command, arguments), deadline, command)

    def give_descriptor(self, name: str, descriptor: int) -> None:
        """Hand an open file to QEMU under ``name``, for ``fd:name`` addresses.

        Its sandbox lets QEMU neither spawn a program nor need a path.
        """
        self._wait(self._give(name, descriptor), Deadline(10.0, "getfd"), "getfd")

    async def _give(self, name: str, descriptor: int) -> None:
        self._client.send_fd_scm(descriptor)
        await self._client.execute("getfd", {"fdname": name})

    def drain_wakeup(self) -> None:
        """Clear the wakeup descriptor after it polled readable."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self.wakeup)

    def close(self) -> None:
        """End the connection and its thread; QEMU itself is not touched."""
        if self._loop.is_closed():
            return
        ending = asyncio.run_coroutine_threadsafe(self._shut(), self._loop)
        # An error here says that the other end is gone already.
        with contextlib.suppress(FutureTimeout, QMPError, OSError, EOFError):
            ending.result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        os.close(self.wakeup)

    async def _shut(self) -> None:
        try:
            await self._client.disconnect()
        finally:
            current = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not current]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
