"""Runs in the guest: the ioctls on vectors, as a profile describes them.

``interface`` is what ``vexfs_provider/filesystems/vector_interface.py`` makes of the profile's
table ``[vector]``, which says what the fields mean.
"""

import array
import ctypes
import os
import struct

SPARE_ROOM = 8  # results
UNTOUCHED = 0xA5  # what the room for results is filled with
UNMAPPED = 8  # no process has memory there

LIBC = ctypes.CDLL(None, use_errno=True)


class Layout:
    """A C structure from its fields, as ``name:type`` words."""

    def __init__(self, fields):
        pairs = [word.split(":") for word in fields.split()]
        self.names = [name for name, _ in pairs]
        types = [kind for _, kind in pairs]
        # A C structure is padded to a multiple of its widest member's alignment.
        widest = max(types, key=lambda kind: struct.calcsize("@c" + kind) - struct.calcsize(kind))
        padding = "" if widest.endswith("s") else f"0{widest}"
        self.struct = struct.Struct("@" + "".join(types) + padding)
        self.size = self.struct.size
        self.zeros = [b"" if kind.endswith("s") else 0 for kind in types]

    def pack(self, **values):
        """The bytes; fields that have no value are zeros."""
        pairs = zip(self.names, self.zeros, strict=True)
        return self.struct.pack(*(values.get(name, zero) for name, zero in pairs))

    def unpack(self, data):
        """The values by name."""
        return dict(zip(self.names, self.struct.unpack(data), strict=True))


def ioctl_code(interface, name, size):
    """The code of an ioctl whose structure has ``size`` bytes, see asm-generic/ioctl.h."""
    entry = interface["ioctls"][name]
    return entry["direction"] << 30 | size << 16 | ord(interface["magic"]) << 8 | entry["number"]


def call_ioctl(descriptor, code, address):
    """ioctl(2) with any address, also a bad one; returns its value or raises ``OSError``."""
    result = LIBC.ioctl(descriptor, ctypes.c_ulong(code), ctypes.c_void_p(address))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


class Vectors:
    """The vectors of one file."""

    def __init__(self, interface, path):
        self.interface = interface
        self.added = Layout(interface["ioctls"]["add"]["fields"])
        self.request = Layout(interface["ioctls"]["search"]["fields"])
        self.result = Layout(interface["result"])
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.descriptor)

    def add(self, number, components, **changes):
        """Store a vector; ``changes`` replace fields of the request."""
        data = array.array("f", components)
        address = data.buffer_info()[0] if data else 0
        values = {"id": number, "dimension": len(data), "data": address, **changes}
        buffer = ctypes.create_string_buffer(self.added.pack(**values), self.added.size)
        code = ioctl_code(self.interface, "add", self.added.size)
        return call_ioctl(self.descriptor, code, ctypes.addressof(buffer))

    def search(self, query, k, metric=None, room=None):
        """Search; the results that the ioctl says it found, and the bytes of all the room.

        ``metric`` is the number of the distance, by default the first one that is described.
        There is room for some more than ``k`` results, lest one too many hits our own memory,
        or for ``room``.
        """
        data = array.array("f", query)
        if metric is None:
            metric = next(iter(self.interface["metrics"].values()))
        address = data.buffer_info()[0] if data else 0
        values = {"dimension": len(data), "data": address, "k": k, "metric": metric}
        slots = k + SPARE_ROOM if room is None else room
        content = self.request.pack(**values) + bytes([UNTOUCHED]) * (slots * self.result.size)
        buffer = ctypes.create_string_buffer(content, len(content))
        code = ioctl_code(self.interface, "search", self.request.size)
        found = call_ioctl(self.descriptor, code, ctypes.addressof(buffer))
        behind = buffer.raw[self.request.size :]
        size = self.result.size
        starts = range(0, min(found, slots) * size, size)
        return [self.result.unpack(behind[start : start + size]) for start in starts], behind

    def ids(self, query, k, metric=None):
        """The numbers of the vectors found, in the order of the results."""
        return [result["id"] for result in self.search(query, k, metric)[0]]

    def raw(self, name, address):
        """One of the described ioctls with an address that is not ours to use."""
        layout = self.added if name == "add" else self.request
        return call_ioctl(self.descriptor, ioctl_code(self.interface, name, layout.size), address)
