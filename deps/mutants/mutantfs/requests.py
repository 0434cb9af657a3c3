"""From a request's bytes to an operation and back to the bytes of its answer."""

import errno
import stat as modes

from mutantfs import wire
from mutantfs.wire import Opcode, SetAttr

SWITCH = b"trusted.mutantfs"
"""On the root, this attribute's value names the mutants whose bugs the mount has from then on."""


class Requests:
    """Answers requests by ``operations``, which ``switch(names)`` replaces while mounted."""

    def __init__(self, operations, make_operations):
        self.operations = operations
        self.nodes = operations.nodes
        self._make_operations = make_operations
        self._handlers = {
            getattr(Opcode, name.removeprefix("on_").upper()): getattr(self, name)
            for name in dir(self)
            if name.startswith("on_")
        }

    def switch(self, names):
        """Go on with the bugs of other mutants, as ``make_operations`` takes them."""
        self.operations = self._make_operations(names, self.nodes)

    def answer(self, opcode, number, caller, body):
        """The answer's bytes; None where the protocol wants none. Raises ``OSError``."""
        handler = self._handlers.get(opcode)
        if handler is None:
            raise OSError(errno.ENOSYS, "not implemented")
        if opcode in (Opcode.INIT, Opcode.FORGET, Opcode.BATCH_FORGET, Opcode.INTERRUPT):
            return handler(number, body)
        self.operations.caller = caller
        return handler(self.nodes.get(number), body)

    def on_init(self, number, body):
        _, minor, readahead, offered = wire.INIT_IN.unpack_from(body)
        flags = offered & (wire.ASYNC_READ | wire.BIG_WRITES | wire.CACHE_SYMLINKS)
        minor = min(minor, wire.MINOR)
        background, congested, granularity = 12, 9, 1
        return wire.INIT_OUT.pack(
            wire.MAJOR,
            minor,
            readahead,
            flags,
            background,
            congested,
            wire.MAX_WRITE,
            granularity,
            0,
            0,
            0,
        )

    def on_forget(self, number, body):
        self.nodes.forget(number, wire.U64.unpack_from(body)[0])

    def on_batch_forget(self, number, body):
        count, _ = wire.TWO_U32.unpack_from(body)
        for position in range(count):
            self.nodes.forget(*wire.TWO_U64.unpack_from(body, 8 + 16 * position))

    def on_interrupt(self, number, body):
        """Operations are short and one at a time, so there is none left to be interrupted."""

    def on_lookup(self, node, body):
        return self._entry(self.operations.lookup(node, wire.name_in(body)))

    def on_getattr(self, node, body):
        return self._attributes(node)

    def on_setattr(self, node, body):
        fields = wire.SETATTR_IN.unpack_from(body)
        valid, size, atime_s, mtime_s = fields[0], fields[3], fields[5], fields[6]
        atime_ns, mtime_ns, mode, uid, gid = *fields[8:10], fields[11], *fields[13:15]
        do = self.operations
        if valid & SetAttr.MODE:
            do.chmod(node, mode)
        if valid & (SetAttr.UID | SetAttr.GID):
            do.chown(node, uid if valid & SetAttr.UID else -1, gid if valid & SetAttr.GID else -1)
        if valid & SetAttr.SIZE:
            do.truncate(node, size)
        if valid & (SetAttr.ATIME | SetAttr.MTIME):
            now = do.stat(node)
            atime, mtime = now.atime, now.mtime
            if valid & SetAttr.ATIME:
                atime = atime_s * 1_000_000_000 + atime_ns
            if valid & SetAttr.MTIME:
                mtime = mtime_s * 1_000_000_000 + mtime_ns
            do.set_times(node, atime, mtime)
        return self._attributes(node)

    def on_readlink(self, node, body):
        return self.operations.readlink(node)

    def on_symlink(self, node, body):
        name, target = bytes(body).split(b"\0")[:2]
        return self._entry(self.operations.symlink(node, name, target))

    def on_mknod(self, node, body):
        mode, device, _, _ = wire.FOUR_U32.unpack_from(body)
        device = wire.decode_device(device)
        return self._entry(self.operations.mknod(node, wire.name_in(body[16:]), mode, device))

    def on_mkdir(self, node, body):
        mode, _ = wire.TWO_U32.unpack_from(body)
        return self._entry(self.operations.mkdir(node, wire.name_in(body[8:]), mode))

    def on_create(self, node, body):
        flags, mode, _, _ = wire.FOUR_U32.unpack_from(body)
        made, handle = self.operations.create(node, wire.name_in(body[16:]), flags, mode)
        return self._entry(made) + self._opened(handle)

    def on_unlink(self, node, body):
        self.operations.unlink(node, wire.name_in(body))
        return b""

    def on_rmdir(self, node, body):
        self.operations.rmdir(node, wire.name_in(body))
        return b""

    def on_rename(self, node, body):
        return self._rename(node, wire.U64.unpack_from(body)[0], body[8:], 0)

    def on_rename2(self, node, body):
        folder, flags, _ = wire.RENAME2_IN.unpack_from(body)
        return self._rename(node, folder, body[16:], flags)

    def _rename(self, node, folder, names, flags):
        old, new = bytes(names).split(b"\0")[:2]
        self.operations.rename(node, old, self.nodes.get(folder), new, flags)
        return b""

    def on_link(self, node, body):
        linked = self.nodes.get(wire.U64.unpack_from(body)[0])
        return self._entry(self.operations.link(linked, node, wire.name_in(body[8:])))

    def on_open(self, node, body):
        flags, _ = wire.TWO_U32.unpack_from(body)
        return self._opened(self.operations.open(node, flags))

    def on_release(self, node, body):
        self.operations.release(wire.U64.unpack_from(body)[0])
        return b""

    def on_read(self, node, body):
        number, offset, size, *_ = wire.READ_IN.unpack_from(body)
        return self.operations.read(self.nodes.handles[number], offset, size)

    def on_write(self, node, body):
        number, offset, size, flags, *_ = wire.READ_IN.unpack_from(body)
        self.operations.writeback = bool(flags & wire.WRITE_CACHE)
        data = body[wire.READ_IN.size : wire.READ_IN.size + size]
        written = self.operations.write(self.nodes.handles[number], offset, data)
        return wire.WRITE_OUT.pack(written, 0)

    def on_fsync(self, node, body):
        number, flags = wire.TWO_U64.unpack_from(body)
        self.operations.fsync(self.nodes.handles[number], bool(flags & 1))
        return b""

    def on_fallocate(self, node, body):
        number, offset, length, mode, _ = wire.FALLOCATE_IN.unpack_from(body)
        self.operations.fallocate(self.nodes.handles[number], mode, offset, length)
        return b""

    def on_lseek(self, node, body):
        number, offset, whence, _ = wire.LSEEK_IN.unpack_from(body)
        return wire.U64.pack(self.operations.seek(self.nodes.handles[number], offset, whence))

    def on_copy_file_range(self, node, body):
        number, offset, _, target, target_offset, size, _ = wire.COPY_IN.unpack_from(body)
        ends = self.nodes.handles[number], offset, self.nodes.handles[target], target_offset
        return wire.WRITE_OUT.pack(self.operations.copy(*ends, size), 0)

    def on_opendir(self, node, body):
        return wire.OPEN_OUT.pack(self.operations.opendir(node), 0, 0)

    def on_readdir(self, node, body):
        number, offset, size, *_ = wire.READ_IN.unpack_from(body)
        entries = self.operations.readdir(self.nodes.handles[number], offset)
        return wire.pack_entries(entries, offset, size)

    on_releasedir = on_release
    on_fsyncdir = on_fsync

    def on_statfs(self, node, body):
        return wire.STATFS_OUT.pack(*self.operations.statfs(), 0)

    def on_setxattr(self, node, body):
        size, flags = wire.TWO_U32.unpack_from(body)
        name, _, rest = bytes(body[8:]).partition(b"\0")
        if node is self.nodes.root and name == SWITCH:
            self.switch(rest[:size].decode())
        else:
            self.operations.setxattr(node, name, rest[:size], flags)
        return b""

    def on_getxattr(self, node, body):
        size, _ = wire.TWO_U32.unpack_from(body)
        return wire.sized(self.operations.getxattr(node, wire.name_in(body[8:])), size)

    def on_listxattr(self, node, body):
        size, _ = wire.TWO_U32.unpack_from(body)
        names = self.operations.listxattr(node)
        return wire.sized(b"".join(name + b"\0" for name in names), size)

    def on_removexattr(self, node, body):
        self.operations.removexattr(node, wire.name_in(body))
        return b""

    def _attributes(self, node):
        stat = self.operations.stat(node)
        return wire.ATTR_OUT_HEAD.pack(self._kept_s(stat), 0, 0) + wire.pack_attr(stat)

    def _entry(self, node):
        stat = self.operations.stat(node)
        node.lookups += 1
        kept_s = self._kept_s(stat)
        head = wire.ENTRY_OUT_HEAD.pack(node.number, 0, kept_s, kept_s, 0, 0)
        return head + wire.pack_attr(stat)

    def _kept_s(self, stat):
        """How many seconds the kernel may rely on what it is told about a node."""
        do = self.operations
        return do.folders_kept_s if modes.S_ISDIR(stat.mode) else do.files_kept_s

    def _opened(self, handle):
        flags = wire.FOPEN_DIRECT_IO if self.operations.direct_io else 0
        return wire.OPEN_OUT.pack(handle, flags, 0)
