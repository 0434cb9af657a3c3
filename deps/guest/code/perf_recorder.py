"""Record perf events: a process of its own keeps them open and saves what they sample.

So ``start`` and ``stop`` can be separate calls of the agent. What it saves are chunks: processor
and size (unsigned 32-bit), then that many bytes of records as the kernel wrote them. Each recording
has a folder of its own below ``FOLDER``.
"""

import bisect
import contextlib
import fcntl
import glob
import json
import os
import select
import shutil
import struct

from perf_events import (
    COMM,
    EXCLUDE_IDLE,
    IOC_DISABLE,
    IOC_ENABLE,
    SOFTWARE_CPU_CLOCK,
    SOFTWARE_DUMMY,
    TASK,
    TYPE_SOFTWARE,
    TYPE_TRACEPOINT,
    Ring,
    choose,
    identifier,
    open_event,
)

TRACING = "/sys/kernel/tracing"
EVENTS = f"{TRACING}/events"
FOLDER = "/run/vexfs/trace"
RING_PAGES = 512  # of each processor
POLL_MS = 200
FAR = 1 << 16  # bytes from a symbol: what is there belongs to a module that is gone
CHUNK = struct.Struct("=II")
CLOCK = "/sys/devices/system/clocksource/clocksource0"
# Two processors that read the HPET at once share one reading, which may be older than what the
# other has done meanwhile. A trace needs the right order; this one is read by each for itself.
UNORDERED, ORDERED = "hpet", "acpi_pm"


def start(recording, events, limit):
    """Record until ``stop``, or until ``limit`` bytes are saved.

    ``error`` in the answer says why this kernel cannot. Each of ``events`` is an object with a
    name, ``tracepoint`` (as ``sched/sched_switch``) or ``period_ns`` (of a sampling clock), and
    maybe ``chain`` (with the kernel's call chain) and ``filter`` (for a tracepoint's fields).
    """
    points = {event["tracepoint"] for event in events if "tracepoint" in event}
    missing = sorted(name for name in points if not os.path.isdir(f"{EVENTS}/{name}"))
    if missing:
        return {"error": f"it has no tracepoint {', '.join(missing)}"}
    told = begin(recording, lambda: Events(events), limit)
    return told if told["error"] else {**told, "formats": formats(points), "tasks": tasks()}


def begin(recording, make_session, limit):
    """Have a process make a ``Session`` and save it; what it told, ``error`` above all."""
    folder = f"{FOLDER}/{recording}"
    os.makedirs(folder)
    os.mkfifo(f"{folder}/control")
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        watch(folder, make_session, limit, writer)
    os.close(writer)
    with open(reader, "rb") as pipe:
        told = json.loads(pipe.read() or '{"error": "the tracing process has ended"}')
    if told["error"]:
        shutil.rmtree(folder)
    return told


def stop(recording):
    """End it; ``path`` has what was saved, of ``size``, until ``remove``."""
    folder = f"{FOLDER}/{recording}"
    control = os.open(f"{folder}/control", os.O_WRONLY | os.O_NONBLOCK)
    process = os.pidfd_open(int(read_text(f"{folder}/pid")))
    os.write(control, b"stop")
    select.select([process], [], [])
    path = f"{folder}/records"
    summary = json.loads(read_text(f"{folder}/summary"))
    return {**summary, "path": path, "size": os.path.getsize(path)}


def remove(recording):
    """Forget what was saved."""
    shutil.rmtree(f"{FOLDER}/{recording}")


def formats(points):
    """The layout of each tracepoint, as the kernel describes it."""
    return {name: read_text(f"{EVENTS}/{name}/format") for name in points}


def function_names(addresses, kinds="tTwW"):
    """The kernel's function at each address, by the address in decimal digits.

    That of a module has the module's name in brackets behind it. ``kinds`` are those of symbols
    that are looked for, by their letters (nm(1)).
    """
    with open("/proc/kallsyms") as file:
        words = (line.split() for line in file)
        symbols = sorted(
            (int(word[0], 16), " ".join(word[2:])) for word in words if word[1] in kinds
        )
    starts = [start for start, _ in symbols]
    places = {address: bisect.bisect_right(starts, address) - 1 for address in addresses}
    return {
        str(address): symbols[place][1]
        for address, place in places.items()
        if place >= 0 and address - starts[place] < FAR
    }


def tasks():
    """The name of every thread."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/task/[0-9]*/comm"):
        with contextlib.suppress(OSError):  # it has just ended
            found[path.split("/")[4]] = read_text(path).strip()
    return found


def watch(folder, make_session, limit, report):
    """The recording process: open, report, save until told to stop; never returns."""
    os.setsid()
    clock = change_clock(UNORDERED, ORDERED)
    try:
        session = make_session()
        control = os.open(f"{folder}/control", os.O_RDONLY | os.O_NONBLOCK)
        write_text(f"{folder}/pid", str(os.getpid()))
        session.switch(IOC_ENABLE)
        os.write(report, json.dumps({"error": "", **session.told}).encode())
        os.close(report)
        full = session.save(control, f"{folder}/records", limit)
        write_text(f"{folder}/summary", json.dumps({"events": session.events, "full": full}))
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

    def __init__(self):
        self.events = {}
        self.told = {}
        self.descriptors = []
        self.rings = [self.ring(cpu) for cpu in processors()]

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
        return descriptor

    def add_tracepoint(self, ring, name, point, **settings):
        number = int(read_text(f"{EVENTS}/{point}/id"))
        return self.add(ring, name, TYPE_TRACEPOINT, number, **settings)

    def switch(self, how):
        for descriptor in self.descriptors:
            fcntl.ioctl(descriptor, how)

    def save(self, control, path, limit):
        """Write what comes to a file; whether ``limit`` ended it before ``control`` did."""
        poll = select.poll()
        for descriptor in (control, *(ring.descriptor for ring in self.rings)):
            poll.register(descriptor, select.POLLIN)
        size, stopped = 0, False
        with open(path, "wb", buffering=0) as file:
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


class Events(Session):
    """Those that ``start`` is told of."""

    def __init__(self, events):
        super().__init__()
        for event in events:
            for ring in self.rings:
                self.open(ring, event)

    def open(self, ring, event):
        name, chain = event["name"], event.get("chain", False)
        if "period_ns" in event:
            clock = {"flags": EXCLUDE_IDLE, "period": event["period_ns"], "chain": chain}
            self.add(ring, name, TYPE_SOFTWARE, SOFTWARE_CPU_CLOCK, **clock)
            return
        descriptor = self.add_tracepoint(ring, name, event["tracepoint"], chain=chain)
        if "filter" in event:
            choose(descriptor, event["filter"])


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
