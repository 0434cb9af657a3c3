"""The connection to the kernel: one mount, its requests one after another until it is unmounted."""

import errno
import os
import stat

from mutantfs import libc, wire
from mutantfs.passthrough import Caller


class Connection:
    """A FUSE mount at ``mountpoint``. Permissions are checked by the kernel, as for a disk."""

    def __init__(self, mountpoint):
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = (
            f"fd={self._device},rootmode={stat.S_IFDIR:o},user_id=0,group_id=0,"
            "default_permissions,allow_other"
        )
        libc.mount("mutantfs", mountpoint, "fuse", options)

    def serve(self, requests):
        """Answer requests until the filesystem is unmounted."""
        while True:
            try:
                message = os.read(self._device, wire.BUFFER_SIZE)
            except OSError as error:
                if error.errno == errno.ENODEV:  # unmounted
                    return
                if error.errno in (errno.ENOENT, errno.EINTR):  # interrupted before it was read
                    continue
                raise
            self._handle(requests, memoryview(message))

    def _handle(self, requests, message):
        _, opcode, unique, node, uid, gid, pid, _, _ = wire.IN_HEADER.unpack_from(message)
        body = message[wire.HEADER_SIZE :]
        try:
            payload, number = requests.answer(opcode, node, Caller(uid, gid, pid), body), 0
        except OSError as error:
            payload, number = b"", error.errno
        if payload is not None:
            self._send(unique, number, payload)

    def _send(self, unique, number, payload):
        header = wire.OUT_HEADER.pack(wire.OUT_HEADER.size + len(payload), -number, unique)
        try:
            os.writev(self._device, (header, payload))
        except OSError as error:
            if error.errno != errno.ENOENT:  # the caller was killed, nobody waits for it
                raise
