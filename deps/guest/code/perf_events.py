"""perf_event_open(2) without the perf tool: open events on every processor, read what they sample.

Layouts are those of linux/perf_event.h. Samples have, in this order: identifier, instruction
pointer, process and thread, time (CLOCK_MONOTONIC, ns), processor, the kernel's call chain if that
was asked for, and the raw tracepoint.
"""

import ctypes
import fcntl
import mmap
import os
import struct

SYS_PERF_EVENT_OPEN = 298  # x86-64

TYPE_SOFTWARE, TYPE_TRACEPOINT, TYPE_BREAKPOINT = 1, 2, 5
SOFTWARE_CPU_CLOCK, SOFTWARE_DUMMY = 0, 9
BREAKPOINT_WRITE, BREAKPOINT_ACCESS = 2, 3

SAMPLE_IP, SAMPLE_TID, SAMPLE_TIME, SAMPLE_CPU = 1 << 0, 1 << 1, 1 << 2, 1 << 7
SAMPLE_CALLCHAIN, SAMPLE_RAW, SAMPLE_IDENTIFIER = 1 << 5, 1 << 10, 1 << 16
SAMPLES = SAMPLE_IDENTIFIER | SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME | SAMPLE_CPU | SAMPLE_RAW

DISABLED, EXCLUDE_USER, EXCLUDE_IDLE, COMM, TASK = 1 << 0, 1 << 4, 1 << 7, 1 << 9, 1 << 13
WATERMARK, SAMPLE_ID_ALL = 1 << 14, 1 << 18
EXCLUDE_CALLCHAIN_USER, USE_CLOCKID = 1 << 22, 1 << 25

IOC_ENABLE, IOC_DISABLE, IOC_SET_OUTPUT, IOC_ID = 0x2400, 0x2401, 0x2405, 0x80082407
IOC_SET_FILTER = 0x40082406
FLAG_FD_CLOEXEC = 8

HEAD, TAIL = 1024, 1032  # of the data, in the first page of a ring

_ATTRIBUTES = struct.Struct("=IIQQQQQIIQQQQIiQIHH")
_libc = ctypes.CDLL(None, use_errno=True)


def open_event(
    cpu, kind, config, *, watermark, address=0, length=0, access=0, flags=0, period=1, chain=False
):
    """The descriptor of an event of all tasks on one processor, disabled. Raises ``OSError``.

    Every ``period``-th is a sample, of a clock every so many nanoseconds.
    """
    every = DISABLED | WATERMARK | SAMPLE_ID_ALL | USE_CLOCKID | EXCLUDE_CALLCHAIN_USER | flags
    fields = SAMPLES | (SAMPLE_CALLCHAIN if chain else 0)
    attributes = _ATTRIBUTES.pack(
        kind, _ATTRIBUTES.size, config, period, fields, 0, every, watermark, access, address,
        length, 0, 0, 0, 1, 0, 0, 0, 0,
    )  # fmt: skip
    number = _libc.syscall(
        SYS_PERF_EVENT_OPEN, attributes, -1, cpu, -1, ctypes.c_ulong(FLAG_FD_CLOEXEC)
    )
    if number < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"perf_event_open: {os.strerror(code)}")
    return number


def identifier(descriptor):
    """The number that the event's samples carry."""
    answer = bytearray(8)
    fcntl.ioctl(descriptor, IOC_ID, answer)
    return int.from_bytes(answer, "little")


def choose(descriptor, condition):
    """Sample only where a tracepoint's fields are so (Documentation/trace/events.rst)."""
    fcntl.ioctl(descriptor, IOC_SET_FILTER, condition.encode() + b"\0")


class Ring:
    """The buffer of one processor, in which all its events write."""

    def __init__(self, cpu, descriptor, pages):
        self.cpu = cpu
        self.descriptor = descriptor
        self.size = pages * mmap.PAGESIZE
        self.memory = mmap.mmap(descriptor, mmap.PAGESIZE + self.size)
        self.tail = 0

    def add(self, descriptor):
        """Have another event of this processor write here."""
        fcntl.ioctl(descriptor, IOC_SET_OUTPUT, self.descriptor)

    def read(self):
        """What was written since the last call: whole records."""
        (head,) = struct.unpack_from("=Q", self.memory, HEAD)
        start, end = self.tail % self.size, head % self.size
        base = mmap.PAGESIZE
        if head == self.tail:
            data = b""
        elif start < end:
            data = self.memory[base + start : base + end]
        else:
            data = self.memory[base + start : base + self.size] + self.memory[base : base + end]
        self.tail = head
        struct.pack_into("=Q", self.memory, TAIL, head)
        return data
