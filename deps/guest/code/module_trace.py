"""Trace a kernel module: probes at its calls, breakpoints on its data, who wakes and forks whom.

``perf_recorder`` saves what they sample.
"""

import json
import os

import perf_recorder
from perf_events import BREAKPOINT_ACCESS, BREAKPOINT_WRITE, EXCLUDE_USER, TYPE_BREAKPOINT
from perf_recorder import EVENTS, FOLDER, TRACING, read_text

RECORDING = "locks"
PROBES = f"{FOLDER}/{RECORDING}.probes"


def start(probes, tracepoints, breakpoints, limit):
    """Begin to trace until ``stop``, or until ``limit`` bytes are saved.

    ``error`` in the answer says why this kernel cannot; ``refused`` has the probes, ``unwatched``
    the breakpoints that it did not take, with its reasons.
    ``probes`` are lines for ``kprobe_events`` (``p:GROUP/EVENT …``), ``tracepoints`` are names as
    ``sched/sched_waking``, ``breakpoints`` lists of name, address and length.
    """
    if not os.path.exists(f"{TRACING}/kprobe_events"):
        return {"error": "it has no kprobe events (CONFIG_KPROBE_EVENTS)"}
    refused = [[line, why] for line in probes if (why := change_probes(line))]
    names = sorted({line.split()[0].removeprefix("p:") for line in probes}) + tracepoints
    there = [name for name in names if os.path.isdir(f"{EVENTS}/{name}")]
    told = perf_recorder.begin(RECORDING, lambda: Session(there, breakpoints), limit)
    if told["error"]:
        remove_probes(there)
        return told
    with open(PROBES, "w") as file:
        json.dump(there, file)
    formats, tasks = perf_recorder.formats(there), perf_recorder.tasks()
    return {**told, "refused": refused, "formats": formats, "tasks": tasks}


def stop():
    """End it, with its probes; what was saved is in ``path``."""
    summary = perf_recorder.stop(RECORDING)
    remove_probes(json.loads(read_text(PROBES)))
    return summary


def section_bases(loaded):
    """The address of each section of a loaded module; empty if it is not loaded."""
    folder = f"/sys/module/{loaded}/sections"
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return {name: int(read_text(f"{folder}/{name}"), 16) for name in names}


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


class Session(perf_recorder.Session):
    """The probes, tracepoints and breakpoints of one trace."""

    def __init__(self, names, breakpoints):
        super().__init__()
        for name in names:
            for ring in self.rings:
                self.add_tracepoint(ring, name, name)
        unwatched = self.told["unwatched"] = {}
        for name, address, length in breakpoints:
            try:
                self.add_breakpoint(name, address, length)
            except OSError as error:
                unwatched[name] = error.strerror

    def add_breakpoint(self, name, address, length):
        """Two of them: x86 has no breakpoint for reads alone, so a write hits both."""
        for what, access in (("write", BREAKPOINT_WRITE), ("access", BREAKPOINT_ACCESS)):
            for ring in self.rings:
                where = {"address": address, "length": length, "access": access}
                name_of = f"{what}:{name}"
                self.add(ring, name_of, TYPE_BREAKPOINT, 0, flags=EXCLUDE_USER, **where)
