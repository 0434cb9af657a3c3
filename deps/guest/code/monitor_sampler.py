"""Runs in the guest: sends the kernel's counters to the host again and again.

A process of its own does it, on a port of its own, so that it goes on while the agent and all that
it has called are busy or stuck. It sends the texts of /proc as they are: reading them is left to
the host. What the host does not take is dropped, never waited for.
"""

import contextlib
import gc
import json
import os
import time

PORTS = "/sys/class/virtio-ports"
TEXTS = {
    "stat": 512,  # bytes that are wanted: the line of all processors comes first
    "meminfo": 4096,
    "diskstats": 8192,
    "pressure/cpu": 256,
    "pressure/memory": 256,
    "pressure/io": 256,
}
PORT_TIMEOUT_S = 10.0
FIRST_DESCRIPTOR, LAST_DESCRIPTOR = 3, 1024


def start(port, interval_s):
    """Begin to send; returns the names of the texts that this kernel lacks."""
    path = find_port(port)
    missing = [name for name in TEXTS if not readable(name)]
    if os.fork() == 0:
        run(path, interval_s)
    return missing


def find_port(name):
    """The device of the port, which has just been plugged."""
    end = time.monotonic() + PORT_TIMEOUT_S
    while time.monotonic() < end:
        for entry in os.listdir(PORTS):
            with contextlib.suppress(OSError):
                with open(f"{PORTS}/{entry}/name") as file:
                    found = file.read().strip()
                if found == name and os.path.exists(f"/dev/{entry}"):
                    return f"/dev/{entry}"
        time.sleep(0.002)
    raise TimeoutError(f"no virtio port named {name}")


def readable(name):
    try:
        with open(f"/proc/{name}", "rb") as file:
            return bool(file.read(1))
    except OSError:
        return False


def run(path, interval_s):
    """The sampling process; never returns."""
    try:
        detach()
        port = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        files = {name: os.open(f"/proc/{name}", os.O_RDONLY) for name in TEXTS if readable(name)}
        due = time.monotonic()
        while True:
            send(port, files)
            due = max(due + interval_s, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
    finally:
        os._exit(0)


def detach():
    """Leave nothing of the agent's open, and nothing that a filesystem could be busy with.

    It is not to be killed for want of memory: that is when its samples are wanted most.
    """
    os.setsid()
    os.chdir("/")
    os.closerange(FIRST_DESCRIPTOR, LAST_DESCRIPTOR)
    gc.disable()
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("-1000")


def send(port, files):
    """Send one sample. Raises ``OSError`` when the port is unplugged, which ends the process."""
    texts = {name: os.pread(file, TEXTS[name], 0).decode() for name, file in files.items()}
    sample = {"time": time.monotonic(), "cost": time.process_time(), "texts": texts}
    with contextlib.suppress(BlockingIOError):
        os.write(port, json.dumps(sample).encode() + b"\n")
