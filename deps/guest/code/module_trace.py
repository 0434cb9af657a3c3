"""Trace a kernel module: probes at its calls, breakpoints on its data, who wakes and forks whom.

A process of its own keeps the events open and saves what they sample, so that ``start`` and
``stop`` can be separate calls of the agent. What it saves are chunks: processor and size (unsigned
32-bit), then that many bytes of records as the kernel wrote them.
"""

import bisect
import contextlib
import fcntl
import glob
import json
import os
import select
import struct

from perf_events import (
    BREAKPOINT_ACCESS,
    BREAKPOINT_WRITE,
    COMM,
    EXCLUDE_USER,
    IOC_DISABLE,
    IOC_ENABLE,
    SOFTWARE_DUMMY,
    TASK,
    TYPE_BREAKPOINT,
    TYPE_SOFTWARE,
    TYPE_TRACEPOINT,
    Ring,
    identifier,
    open_event,
)

TRACING = "/sys/kernel/tracing"
EVENTS = f"{TRACING}/events"
FOLDER = "/run/vexfs/trace"
CONTROL, RECORDS, SUMMARY = f"{FOLDER}/control", f"{FOLDER}/records", f"{FOLDER}/summary"
RING_PAGES = 512  # of each processor
POLL_MS = 200
CHUNK = struct.Struct("=II")
CLOCK = "/sys/devices/system/clocksource/clocksource0"
# Two processors that read the HPET at once share one reading, which may be older than what the
# other has done meanwhile. A trace needs the right order; this one is read by each for itself.
UNORDERED, ORDERED = "hpet", "acpi_pm"


def start(probes, tracepoints, breakpoints, limit):
    """Begin to trace until ``stop``, or until ``limit`` bytes are saved.

    ``error`` in the answer says why this kernel cannot; ``refused`` has the probes, ``unwatched``
    the breakpoints that it did not take, with its reasons.
    ``probes`` are lines for ``kprobe_events`` (``p:GROUP/EVENT …``), ``tracepoints`` are names as
    ``sched/sched_waking``, ``breakpoints`` lists of name, address and length.
    """
    if not os.path.exists(f"{TRACING}/kprobe_events"):
        return {"error": "it has no kprobe events (CONFIG_KPROBE_EVENTS)"}
    os.makedirs(FOLDER, exist_ok=True)
    refused = [[line, why] for line in probes if (why := change_probes(line))]
    names = sorted({line.split()[0].removeprefix("p:") for line in probes}) + tracepoints
    there = [name for name in names if os.path.isdir(f"{EVENTS}/{name}")]
    os.mkfifo(CONTROL)
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        watch(there, breakpoints, limit, writer)
    os.close(writer)
    with open(reader, "rb") as pipe:
        told = json.loads(pipe.read() or '{"error": "the tracing process has ended"}')
    if told["error"]:
        os.unlink(CONTROL)
        remove_probes(there)
        return told
    formats = {name: read_text(f"{EVENTS}/{name}/format") for name in there}
    return {**told, "refused": refused, "formats": formats, "tasks": tasks()}


def stop():
    """End it, with its probes; what the tracing process saved is in ``RECORDS``."""
    control = os.open(CONTROL, os.O_WRONLY | os.O_NONBLOCK)
    process = os.pidfd_open(int(read_text(f"{FOLDER}/pid")))
    os.write(control, b"stop")
    select.select([process], [], [])
    os.unlink(CONTROL)
    summary = json.loads(read_text(SUMMARY))
    remove_probes(summary["names"])
    return {**summary, "size": os.path.getsize(RECORDS)}


def section_bases(loaded):
    """The address of each section of a loaded module; empty if it is not loaded."""
    folder = f"/sys/module/{loaded}/sections"
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return {name: int(read_text(f"{folder}/{name}"), 16) for name in names}


def function_names(addresses):
    """The kernel's function at each address, by the address in decimal digits."""
    with open("/proc/kallsyms") as file:
        words = (line.split() for line in file)
        symbols = sorted((int(word[0], 16), word[2]) for word in words if word[1] in "tTwW")
    starts = [start for start, _ in symbols]
    places = {address: bisect.bisect_right(starts, address) - 1 for address in addresses}
    return {str(address): symbols[place][1] for address, place in places.items() if place >= 0}


def tasks():
    """The name of every thread."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/task/[0-9]*/comm"):
        with contextlib.suppress(OSError):  # it has just ended
            found[path.split("/")[4]] = read_text(path).strip()
    return found


def change_probes(line):
    """Why the kernel refused the line; empty if it did not."""
    descriptor = os.open(f"{TRACING}/kprobe_events", os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, line.encode() + b"\n")
    except OSError as error:
        return error.strerror
    finally:
        os.close(descriptor)
    return ""


def remove_probes(names):
    """Remove those of ``names`` that are ours: the kernel refuses to remove its own."""
    for name in names:
        change_probes(f"-:{name}")


def watch(names, breakpoints, limit, report):
    """The tracing process: open, report, save until told to stop; never returns."""
    os.setsid()
    clock = change_clock(UNORDERED, ORDERED)
    try:
        session = Session(names, breakpoints)
        control = os.open(CONTROL, os.O_RDONLY | os.O_NONBLOCK)
        write_text(f"{FOLDER}/pid", str(os.getpid()))
        session.switch(IOC_ENABLE)
        os.write(report, json.dumps({"error": "", "unwatched": session.unwatched}).encode())
        os.close(report)
        full = session.save(control, limit)
        write_text(SUMMARY, json.dumps({"names": names, "events": session.events, "full": full}))
    except Exception as error:  # noqa: BLE001 - whatever it is, the host must hear of it
        os.write(report, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
    finally:
        if clock:
            change_clock(ORDERED, UNORDERED)
        os._exit(0)


def change_clock(bad, good):
    """Have the kernel read another clock if it reads a bad one and has the good one; if so."""
    there = read_text(f"{CLOCK}/available_clocksource").split()
    change = read_text(f"{CLOCK}/current_clocksource").strip() == bad and good in there
    if change:
        write_text(f"{CLOCK}/current_clocksource", good)
    return change


class Session:
    """The open events; ``events`` has the name of each identifier that samples carry."""

    def __init__(self, names, breakpoints):
        self.events = {}
        self.unwatched = {}
        self.descriptors = []
        self.rings = [self.ring(cpu) for cpu in processors()]
        for name in names:
            number = int(read_text(f"{EVENTS}/{name}/id"))
            for ring in self.rings:
                self.add(ring, name, TYPE_TRACEPOINT, number)
        for name, address, length in breakpoints:
            try:
                self.add_breakpoint(name, address, length)
            except OSError as error:
                self.unwatched[name] = error.strerror

    def ring(self, cpu):
        # The event that owns the buffer tells of new, named and ended tasks.
        watermark = RING_PAGES * 4096 // 4
        descriptor = open_event(
            cpu, TYPE_SOFTWARE, SOFTWARE_DUMMY, watermark=watermark, flags=COMM | TASK
        )
        self.descriptors.append(descriptor)
        return Ring(cpu, descriptor, RING_PAGES)

    def add(self, ring, name, kind, config, **settings):
        descriptor = open_event(ring.cpu, kind, config, watermark=ring.size // 4, **settings)
        self.descriptors.append(descriptor)
        ring.add(descriptor)
        self.events[identifier(descriptor)] = name

    def add_breakpoint(self, name, address, length):
        """Two of them: x86 has no breakpoint for reads alone, so a write hits both."""
        for what, access in (("write", BREAKPOINT_WRITE), ("access", BREAKPOINT_ACCESS)):
            for ring in self.rings:
                where = {"address": address, "length": length, "access": access}
                name_of = f"{what}:{name}"
                self.add(ring, name_of, TYPE_BREAKPOINT, 0, flags=EXCLUDE_USER, **where)

    def switch(self, how):
        for descriptor in self.descriptors:
            fcntl.ioctl(descriptor, how)

    def save(self, control, limit):
        """Write what comes to ``RECORDS``; whether ``limit`` ended it before ``control`` did."""
        poll = select.poll()
        for descriptor in (control, *(ring.descriptor for ring in self.rings)):
            poll.register(descriptor, select.POLLIN)
        size, stopped = 0, False
        with open(RECORDS, "wb", buffering=0) as file:
            while not stopped and size < limit:
                stopped = control in dict(poll.poll(POLL_MS))
                if stopped:
                    self.switch(IOC_DISABLE)
                size += sum(self.drain(ring, file) for ring in self.rings)
        if not stopped:
            self.switch(IOC_DISABLE)
            select.select([control], [], [])
        return not stopped

    def drain(self, ring, file):
        data = ring.read()
        if data:
            file.write(CHUNK.pack(ring.cpu, len(data)) + data)
        return len(data)


def processors():
    """Those that are on, from a list as ``0-2,4``."""
    found = []
    for part in read_text("/sys/devices/system/cpu/online").strip().split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def read_text(path):
    with open(path) as file:
        return file.read()


def write_text(path, text):
    with open(path, "w") as file:
        file.write(text)
