"""Runs in the guest: a program whose system calls are interrupted, and what they leave behind.

The calls are made past Python's own, which begins an interrupted one again. What each returns says
what it has done to the file: that, and no more, must be there afterwards.
"""

import ctypes
import errno
import json
import os
import random
import signal
import subprocess
import time

from content import first_difference
from tree import drop_caches

MOST_BYTES = 256 << 10
NAMES = ("one", "two")
ALARM_S = 0.0005
INJECTED = (errno.EINTR, errno.EIO)
NOT_DONE = (errno.EINTR, errno.EIO, errno.EOPNOTSUPP, errno.ENOSYS)
CALLS = ("pwrite64", "ftruncate", "fallocate", "fsync", "rename")
LIMIT_S = 100.0
_libc = ctypes.CDLL(None, use_errno=True)
_libc.pwrite.restype = ctypes.c_ssize_t
_libc.pwrite.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int64)
_libc.ftruncate.argtypes = (ctypes.c_int, ctypes.c_int64)
_libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


class Program:
    """One file under one of two names, and what it should be by what the calls returned."""

    def __init__(self, folder, seed):
        self.folder = folder
        self.chance = random.Random(seed)
        self.name = NAMES[0]
        self.model = bytearray()
        self.failures = {}
        self.wrong = []
        self.file = os.open(self.path(self.name), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)

    def path(self, name):
        return os.path.join(self.folder, name)

    def call(self, name, *arguments):
        """The result of a call; None if it has failed, for one of the reasons that are allowed."""
        result = getattr(_libc, name)(*arguments)
        if result >= 0:
            return result
        code = ctypes.get_errno()
        word = f"{name}: {errno.errorcode.get(code, code)}"
        self.failures[word] = self.failures.get(word, 0) + 1
        if code not in NOT_DONE:
            self.wrong.append(f"{word}, which nothing explains")
        return None

    def write(self):
        offset = self.chance.randrange(MOST_BYTES)
        data = self.chance.randbytes(self.chance.randrange(1, MOST_BYTES - offset + 1))
        written = self.call("pwrite", self.file, data, len(data), offset)
        if written:
            self.model += bytes(max(0, offset + written - len(self.model)))
            self.model[offset : offset + written] = data[:written]

    def truncate(self):
        size = self.chance.randrange(MOST_BYTES)
        if self.call("ftruncate", self.file, size) is not None:
            self.resize(size)

    def allocate(self):
        size = self.chance.randrange(1, MOST_BYTES)
        if self.call("fallocate", self.file, 0, 0, size) is not None:
            self.resize(max(size, len(self.model)))

    def resize(self, size):
        del self.model[size:]
        self.model += bytes(size - len(self.model))

    def synchronise(self):
        self.call("fsync", self.file)

    def rename(self):
        other = NAMES[1 - NAMES.index(self.name)]
        old, new = self.path(self.name).encode(), self.path(other).encode()
        if self.call("rename", old, new) is not None:
            self.name = other

    def run(self, calls):
        """Make so many calls; the report."""
        acts = (self.write, self.write, self.truncate, self.allocate, self.synchronise, self.rename)
        for _ in range(calls):
            self.chance.choice(acts)()
        os.fsync(self.file)
        os.close(self.file)
        self.compare("")
        drop_caches()
        self.compare(" on the disk")
        return {"failures": self.failures, "wrong": self.wrong}

    def compare(self, where):
        listed = sorted(os.listdir(self.folder))
        if listed != [self.name]:
            self.wrong.append(f"names{where}: {listed}; by what rename returned: {self.name}")
            return
        with open(self.path(self.name), "rb") as file:
            difference = first_difference(bytes(self.model), file.read())
        if difference:
            self.wrong.append(f"content{where}: {difference}")


def under_alarms(folder, seed, calls):
    """A program that a timer interrupts all the time: its report, with the number of ``alarms``."""
    os.mkdir(folder)
    program = Program(folder, seed)
    alarms = []
    signal.signal(signal.SIGALRM, lambda *_: alarms.append(1))
    signal.siginterrupt(signal.SIGALRM, True)
    signal.setitimer(signal.ITIMER_REAL, ALARM_S, ALARM_S)
    try:
        report = program.run(calls)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {**report, "alarms": len(alarms)}


def under_injection(folder, seed, calls):
    """A program some of whose calls strace fails (strace(1), ``inject``): its report.

    ``injected`` says how often that was, by strace's own log; ``error`` why it cannot be done.
    """
    os.mkdir(folder)
    log = f"/run/vexfs/strace.{seed}"
    ready, report = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        answer(ready[0], report[1], folder, seed, calls)
    os.close(report[1])
    try:
        strace = subprocess.Popen(injecting(child, log), stderr=subprocess.PIPE)
        while not is_traced(child) and strace.poll() is None:
            time.sleep(0.01)
        os.write(ready[1], b"go" if strace.poll() is None else b"no")
        told = b"".join(iter(lambda: os.read(report[0], 1 << 16), b""))
        words = strace.communicate(timeout=LIMIT_S)[1].decode(errors="replace").strip()
    except FileNotFoundError:
        os.kill(child, signal.SIGKILL)
        return {"error": "the guest lacks strace"}
    finally:
        os.waitpid(child, 0)
    if not told:
        return {"error": f"strace: {words[-500:]}"}
    with open(log, errors="replace") as file:
        injected = file.read().count("(INJECTED)")
    os.unlink(log)
    return {**json.loads(told), "injected": injected, "error": ""}


def injecting(process, log):
    """The command that attaches strace to a process, and ends with it."""
    command = ["strace", "-qq", "-o", log, "-p", str(process), "-e", f"trace={','.join(CALLS)}"]
    for number, call in enumerate(CALLS):
        name = errno.errorcode[INJECTED[number % len(INJECTED)]]
        command += ["-e", f"inject={call}:error={name}:when={2 + number}+3"]
    return command


def is_traced(process):
    """Whether somebody traces a process."""
    with open(f"/proc/{process}/status") as file:
        [line] = [line for line in file if line.startswith("TracerPid:")]
    return line.split()[1] != "0"


def answer(ready, report, folder, seed, calls):
    """The program in a process of its own, once it may begin; never returns."""
    try:
        if os.read(ready, 2) == b"go":
            os.write(report, json.dumps(Program(folder, seed).run(calls)).encode())
    finally:
        os._exit(0)
