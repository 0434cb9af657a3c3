"""The guest's agent: answers framed JSON requests on a virtio port.

A frame is a magic of 4 bytes, the lengths of the JSON head and of a raw payload (two unsigned
32-bit big-endian numbers), then both. A request's head has ``id`` and ``verb``; its answer has the
same ``id`` and either ``value`` or ``error``. Each request that may block runs in a forked child,
so the agent itself answers while a filesystem call hangs; the Python it needs is already loaded.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import struct
import sys
import time
import traceback
import types

MAGIC = b"VXF1"
HEAD = struct.Struct(">4sII")
PORT_NAME = "vexfs.agent"
OUTPUT_LIMIT = 16 << 20
READ_SIZE = 1 << 16
RNDADDENTROPY = 0x40085203  # linux/random.h
RNDRESEEDCRNG = 0x5207
BLKFLSBUF = 0x1261  # linux/fs.h


def pack(head, payload=b""):
    text = json.dumps(head).encode()
    return HEAD.pack(MAGIC, len(text), len(payload)) + text + payload


class Frames:
    """Cuts a byte stream into frames; bytes before a magic are dropped (a reconnected host)."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        self.buffer += data
        while True:
            start = self.buffer.find(MAGIC)
            if start < 0:
                del self.buffer[: max(0, len(self.buffer) - len(MAGIC) + 1)]
                return
            del self.buffer[:start]
            if len(self.buffer) < HEAD.size:
                return
            _, head_size, payload_size = HEAD.unpack_from(self.buffer)
            end = HEAD.size + head_size + payload_size
            if len(self.buffer) < end:
                return
            head = json.loads(self.buffer[HEAD.size : HEAD.size + head_size])
            payload = bytes(self.buffer[HEAD.size + head_size : end])
            del self.buffer[:end]
            yield head, payload


class Call:
    """A request that runs in a forked child, which writes its whole answer frame into a pipe."""

    def __init__(self, agent, head, payload):
        read_end, write_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(read_end)
            agent.child(head, payload, write_end)
        os.close(write_end)
        self.id = head["id"]
        self.pipe = read_end
        self.ended = os.pidfd_open(self.pid)
        self.silent = False
        self.status = None
        self.answer = bytearray()

    def descriptors(self):
        return [self.ended if self.silent else self.pipe]

    def advance(self, descriptor):
        """Take what came; the answer's frame once it is whole, else None.

        The end of a child that has answered is not waited for: closing its files may hang on a
        sick filesystem. Of one that has not, the end tells why.
        """
        if self.silent:
            self.reaped()
            lost = {"type": "Lost", "message": "ended without an answer", "status": self.status}
            return pack({"id": self.id, "error": lost})
        data = os.read(self.pipe, READ_SIZE)
        self.answer += data
        self.silent = not data
        whole = frame_size(self.answer)
        return bytes(self.answer) if whole is not None and len(self.answer) >= whole else None

    def close(self):
        os.close(self.pipe)
        os.close(self.ended)

    def reaped(self):
        """Whether it has ended; ``status`` is then its exit status, negative for a signal."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None


class Command:
    """A request that runs a program; its answer's payload is standard output, then error.

    Over when the program itself has ended: what it left in the background is not waited for.
    """

    def __init__(self, agent, head, payload):
        self.id = head["id"]
        self.started = time.monotonic()
        self.input = open_input(payload)
        out, err = os.pipe(), os.pipe()
        try:
            self.pid = spawn(head["argv"], head["env"], (self.input, out[1], err[1]))
        except BaseException:
            for descriptor in (self.input, out[0], err[0]):
                os.close(descriptor)
            raise
        finally:
            os.close(out[1])
            os.close(err[1])
        self.ended = os.pidfd_open(self.pid)
        self.status = None
        self.output = {out[0]: bytearray(), err[0]: bytearray()}
        self.open = set(self.output)
        for descriptor in self.output:
            os.set_blocking(descriptor, False)
        write_file(f"/proc/{self.pid}/oom_score_adj", b"0")

    def descriptors(self):
        return [self.ended, *self.open]

    def advance(self, descriptor):
        if descriptor != self.ended:
            self.read(descriptor)
            return None
        for pipe in list(self.open):
            while self.read(pipe):
                pass
        out, err = self.output.values()
        seconds = time.monotonic() - self.started
        self.reap(0)
        value = {"status": self.status, "seconds": seconds, "stdout_size": len(out)}
        return pack({"id": self.id, "value": value}, bytes(out + err))

    def read(self, pipe):
        """Read once; whether there may be more. Output past the limit is dropped, not blocked."""
        try:
            data = os.read(pipe, READ_SIZE)
        except BlockingIOError:
            return False
        if not data:
            self.open.discard(pipe)
            return False
        room = OUTPUT_LIMIT - len(self.output[pipe])
        self.output[pipe] += data[:room]
        return True

    def reaped(self):
        return self.status is not None or self.reap(os.WNOHANG)

    def reap(self, flags):
        """Take the exit status (negative: the signal); whether the process has ended."""
        pid, status = os.waitpid(self.pid, flags)
        if pid:
            self.status = os.waitstatus_to_exitcode(status)
        return pid != 0

    def close(self):
        for descriptor in (self.ended, self.input, *self.output):
            os.close(descriptor)


class Agent:
    def __init__(self, port):
        self.port = port
        self.random = os.open("/dev/urandom", os.O_WRONLY)
        self.frames = Frames()
        self.jobs = {}
        self.ends = {}
        self.left = []  # ended or killed jobs whose process is not gone yet
        self.modules = {}

    def send(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(self.port, view) :]

    def serve(self):
        while True:
            poll = select.poll()
            poll.register(self.port, select.POLLIN)
            owners = {d: job for job in self.jobs.values() for d in job.descriptors()}
            for descriptor in owners:
                poll.register(descriptor, select.POLLIN)
            for descriptor, events in poll.poll(self.patience_ms()):
                if descriptor == self.port:
                    self.receive(events)
                elif owners[descriptor].id in self.jobs:
                    self.advance(owners[descriptor], descriptor)
            self.give_up_late()

    def patience_ms(self):
        if not self.ends:
            return None
        return max(0, int((min(self.ends.values()) - time.monotonic()) * 1000) + 1)

    def receive(self, events):
        data = os.read(self.port, READ_SIZE) if events & select.POLLIN else b""
        if not data:
            # No host on the other end: the port cannot be waited for, so look again in a while.
            time.sleep(0.02)
            return
        for head, payload in self.frames.feed(data):
            self.handle(head, payload)

    def handle(self, head, payload):
        direct = getattr(self, "direct_" + head["verb"], None)
        try:
            if direct:
                value, extra = direct(head, payload)
                self.send(pack({"id": head["id"], "value": value}, extra))
            else:
                job = (Command if head["verb"] == "run" else Call)(self, head, payload)
                self.jobs[job.id] = job
                self.ends[job.id] = time.monotonic() + head["timeout_s"]
        except Exception as error:  # noqa: BLE001 - whatever it is, the host must hear of it
            self.send(pack({"id": head["id"], "error": describe(error)}))

    def advance(self, job, descriptor):
        answer = job.advance(descriptor)
        if answer is not None:
            self.send(answer)
            self.forget(job)

    def forget(self, job):
        job.close()
        del self.jobs[job.id]
        del self.ends[job.id]
        self.left = [process for process in (*self.left, job) if not process.reaped()]

    def give_up_late(self):
        """Past its deadline: say where the job is stuck, kill its processes, forget it."""
        now = time.monotonic()
        for job in [self.jobs[number] for number, end in self.ends.items() if end <= now]:
            report = {"type": "Timeout", "message": "deadline passed in the guest"}
            report["stuck"] = stuck_tasks(job.pid)
            self.send(pack({"id": job.id, "error": report}))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(job.pid, signal.SIGKILL)
            self.forget(job)

    def child(self, head, payload, write_end):
        """Run one request, write its frame into the pipe, end; never returns."""
        code = 1
        try:
            os.close(self.port)
            os.setsid()
            with open("/proc/self/oom_score_adj", "w") as score:
                score.write("0")
            view = memoryview(answer(self.modules, head, payload))
            # Nobody waits for our end, and a filesystem that we are in cannot be unmounted.
            os.chdir("/")
            while view:
                view = view[os.write(write_end, view) :]
            code = 0
        finally:
            os._exit(code)

    def direct_ping(self, head, payload):
        return {"pid": os.getpid(), "uptime_s": time.clock_gettime(time.CLOCK_BOOTTIME)}, b""

    def direct_wake(self, head, payload):
        """After a restore: set the clock, mix fresh entropy in, write the boundary line."""
        time.clock_settime_ns(time.CLOCK_REALTIME, head["epoch_ns"])
        seed = struct.pack("ii", len(payload) * 8, len(payload)) + payload
        fcntl.ioctl(self.random, RNDADDENTROPY, seed)
        fcntl.ioctl(self.random, RNDRESEEDCRNG)
        write_kmsg(head["boundary"])
        return {"kernel": os.uname().release}, b""

    def direct_kmsg(self, head, payload):
        write_kmsg(head["text"])
        return None, b""

    def direct_sysrq(self, head, payload):
        for key in head["keys"]:
            with open("/proc/sysrq-trigger", "w") as trigger:
                trigger.write(key)
        return None, b""

    def direct_stuck(self, head, payload):
        return stuck_tasks(), b""

    def direct_disk(self, head, payload):
        """Wait for the disk with a serial number; its device path is the answer.

        ``fresh`` drops what the kernel has cached of it: a snapshot may have seen another content.
        """
        end = time.monotonic() + head["timeout_s"]
        while (path := find_disk(head["serial"])) is None:
            if time.monotonic() > end:
                raise TimeoutError(f"no disk with the serial number {head['serial']}")
            time.sleep(0.002)
        if head["fresh"]:
            with open(path, "rb") as device:
                fcntl.ioctl(device, BLKFLSBUF)
        return path, b""

    def direct_module(self, head, payload):
        """Load Python source as a module, for ``call`` and for the imports of later ones."""
        module = types.ModuleType(head["name"])
        exec(compile(payload, head["name"] + ".py", "exec"), module.__dict__)
        self.modules[head["name"]] = sys.modules[head["name"]] = module
        return None, b""


def describe(error):
    text = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, OSError) and error.errno is not None:
        text["errno"] = error.errno
    text["traceback"] = "".join(traceback.format_exception(error)[-6:])
    return text


def answer(modules, head, payload):
    try:
        value, extra = REQUESTS[head["verb"]](modules, head, payload)
        return pack({"id": head["id"], "value": value}, extra)
    except Exception as error:  # noqa: BLE001 - whatever it is, the host must hear of it
        return pack({"id": head["id"], "error": describe(error)})


def put(modules, head, payload):
    path = head["path"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(payload)
        os.fchmod(file.fileno(), head["mode"])
    return len(payload), b""


def get(modules, head, payload):
    with open(head["path"], "rb") as file:
        file.seek(head["offset"])
        return None, file.read(head["size"])


def call(modules, head, payload):
    """Call a function of a loaded module with the JSON arguments given; its value is the answer."""
    function = getattr(modules[head["module"]], head["function"])
    write_kmsg(head["note"])
    return function(**head["arguments"]), b""


REQUESTS = {"put": put, "get": get, "call": call}


def spawn(argv, env, standard_files):
    """Start a program in a session of its own; ``standard_files`` are its first descriptors.

    Under TCG a warm guest's first command pays for the translation of all code it runs, hence not
    ``subprocess``. Descriptors beyond the standard ones do not reach the program: Python opens
    all of its own close-on-exec.
    """
    actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(standard_files)]
    defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # which Python ignores, and a child would inherit
    return os.posix_spawnp(
        argv[0], argv, {**os.environ, **env}, file_actions=actions, setsid=True, setsigdef=defaults
    )


def open_input(payload):
    """A descriptor to read ``payload`` from; a file, since a pipe could block us."""
    if not payload:
        return os.open("/dev/null", os.O_RDONLY)
    descriptor = os.memfd_create("input")
    os.write(descriptor, payload)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def write_kmsg(text):
    # A record without its newline stays open for a continuation and off the console.
    write_file("/dev/kmsg", f"<5>{text}\n".encode())


def write_file(path, data):
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def frame_size(data):
    """The whole size of the frame that ``data`` begins, or None if its head is not there yet."""
    if len(data) < HEAD.size:
        return None
    _, head_size, payload_size = HEAD.unpack_from(data)
    return HEAD.size + head_size + payload_size


def stuck_tasks(session=None):
    """Tasks in uninterruptible sleep (or of one session) with their kernel stacks."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                text = file.read()
            with open(f"/proc/{name}/stack") as file:
                stack = file.read()
        except OSError:
            continue  # it has just ended, or the kernel gives no stacks
        command = text[text.index("(") + 1 : text.rindex(")")]
        state, _, _, its_session = text[text.rindex(")") + 2 :].split()[:4]
        if int(its_session) == session or (session is None and state == "D"):
            found.append({"pid": int(name), "command": command, "state": state, "stack": stack})
    return found


def find_disk(serial):
    """The device node of the disk whose serial number ends with ``serial``, if it is there.

    virtio-blk and nvme show it as text, SCSI and ATA disks in the vital product data page 0x80.
    """
    for name in os.listdir("/sys/block"):
        for attribute in ("serial", "device/serial", "device/vpd_pg80"):
            try:
                with open(f"/sys/block/{name}/{attribute}", "rb") as file:
                    text = file.read().decode(errors="replace").strip("\0 \n")
            except OSError:
                continue
            if text.endswith(serial) and os.path.exists(f"/dev/{name}"):
                return f"/dev/{name}"
    return None


def find_port():
    base = "/sys/class/virtio-ports"
    for entry in sorted(os.listdir(base)):
        try:
            with open(f"{base}/{entry}/name") as file:
                name = file.read().strip()
        except FileNotFoundError:
            continue  # a console, which has no name
        if name == PORT_NAME:
            return f"/dev/{entry}"
    sys.exit(f"no virtio port named {PORT_NAME}")


def main():
    port = os.open(find_port(), os.O_RDWR)
    # Never let the kernel kill the agent for want of memory: the host would lose the guest.
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("-1000")
    ctypes.CDLL(None).mlockall(3)  # MCL_CURRENT | MCL_FUTURE: answer under memory pressure
    write_kmsg("vexfs-agent: ready")
    Agent(port).serve()


if __name__ == "__main__":
    main()
