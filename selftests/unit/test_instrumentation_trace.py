"""A trace of a module, with a guest that only answers."""

import shutil
import struct
import subprocess

import pytest

from vexfs_provider.detection.races_events import LockAction
from vexfs_provider.errors import NotApplicable, UsageError
from vexfs_provider.instrumentation.module_trace import ModuleTrace

SOURCE = r"""
    .section .modinfo, "a"
    .asciz "name=toy"
    .text
    .type update, @function
update:
    call mutex_lock
    incl counter(%rip)
    call mutex_unlock
    .size update, . - update
    .data
    .type lock, @object
lock: .quad 0
    .size lock, 8
    .type counter, @object
counter: .quad 0
    .size counter, 8
    .type other, @object
other: .quad 0
    .size other, 8
"""
TEXT_AT, DATA_AT = 0x1000, 0x2000
FORMAT = """
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:u32 site;	offset:8;	size:4;	signed:0;
	field:u32 flags;	offset:12;	size:4;	signed:0;
	field:u64 lock;	offset:16;	size:8;	signed:0;
"""
EVENTS = {"1": "vexfs/take", "2": "vexfs/taken", "3": "vexfs/release", "4": "access:counter"}
NAMES = ("vexfs/take", "vexfs/taken", "vexfs/release")


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The object file of ``SOURCE``."""
    path = tmp_path_factory.mktemp("object") / "toy.ko"
    command = ["gcc", "-c", "-x", "assembler", "-", "-o", str(path)]
    subprocess.run(command, input=SOURCE, text=True, check=True)
    return path.read_bytes()


def record(kind, body):
    return struct.pack("<IHH", kind, 0, 8 + len(body)) + body


def sample(identifier, time_ns, instruction=0, site=0, lock=DATA_AT):
    raw = struct.pack("<8xIIQ", site, 0x200, lock)
    head = struct.pack("<QQIIQII", identifier, instruction, 7, 7, time_ns, 0, 0)
    return record(9, head + struct.pack("<I", len(raw)) + raw)


def lost(time_ns, cpu=0):
    return record(2, struct.pack("<QQIIQIIQ", 1, 40, 7, 7, time_ns, cpu, 0, 1))


class FakeGuest:
    """Answers as the module of the guest's agent does; ``calls`` has what it was asked."""

    kernel_release = "6.1-fake"

    def __init__(self, *records, **answers):
        data = b"".join(records)
        self.records = struct.pack("<II", 0, len(data)) + data
        self.calls = {}
        self.answers = {
            "section_bases": {".text": TEXT_AT, ".data": DATA_AT},
            "start": {
                "error": "",
                "unwatched": {},
                "refused": [],
                "formats": dict.fromkeys(NAMES, FORMAT),
                "tasks": {"7": "mv"},
            },
            "stop": {
                "path": "/records",
                "size": len(self.records),
                "events": EVENTS,
                "full": False,
            },
            "remove": None,
            "function_names": {},
            **answers,
        }

    def load_code(self, name):
        self.calls["load_code"] = name

    def call(self, module, function, timeout_s, **arguments):
        self.calls[function] = arguments
        return self.answers[function]

    def get(self, path, *, offset=0, size=16 << 20):
        return self.records[offset : offset + size]


UPDATE = (
    sample(1, 10),
    sample(2, 11),
    sample(4, 12, instruction=TEXT_AT + 11),
    sample(3, 13, site=1),
)


def run(guest, toy, *objects):
    trace = ModuleTrace(guest, toy, "toy.ko", objects)
    trace.start()
    return trace.stop()


def test_a_trace_in_words(toy):
    guest = FakeGuest(*UPDATE)
    trace = run(guest, toy, "counter")
    assert trace.limits == ()
    assert trace.in_words().splitlines() == [
        "0.000000011 [000] mv-7 takes lock (0x2000) in update",
        "0.000000012 [000] mv-7 writes counter in update",
        "0.000000013 [000] mv-7 releases lock (0x2000) in update",
    ]
    asked = guest.calls["start"]
    assert asked["breakpoints"] == [["counter", DATA_AT + 8, 8]]
    assert len(asked["probes"]) == 3
    assert "sched/sched_waking" in asked["tracepoints"]


def test_without_objects_nobody_needs_to_know_who_wakes_whom(toy):
    guest = FakeGuest(*UPDATE)
    run(guest, toy)
    assert guest.calls["start"]["tracepoints"] == guest.calls["start"]["breakpoints"] == []


def test_nothing_is_believed_after_records_were_lost(toy):
    trace = run(FakeGuest(*UPDATE[:2], lost(12), *UPDATE[3:]), toy)
    assert [event.action for event in trace.events] == [LockAction.ACQUIRE]
    assert trace.limits == ("40 records were lost; 2 of 4, before the loss, are used",)


def test_a_processor_s_records_stay_in_their_order_when_its_clock_does_not(toy):
    late = (UPDATE[0], sample(2, 9), *UPDATE[2:])
    trace = run(FakeGuest(*late), toy, "counter")
    assert [type(event).__name__ for event in trace.events] == ["LockEvent", "Access", "LockEvent"]
    assert trace.events[0].time_ns == 10


def test_what_was_lost_on_one_processor_began_after_its_last_record(toy):
    first, second = b"".join(UPDATE[:1]), b"".join([*UPDATE[1:], lost(20)])
    guest = FakeGuest()
    guest.records = b"".join(
        struct.pack("<II", cpu, len(data)) + data
        for cpu, data in ((0, first), (1, lost(20, cpu=1)), (0, second))
    )
    guest.answers["stop"]["size"] = len(guest.records)
    trace = run(guest, toy)
    assert trace.events == ()
    assert trace.limits[0] == "80 records were lost; 0 of 6, before the loss, are used"


def test_what_was_not_traced_is_told(toy):
    start = FakeGuest().answers["start"]
    told = {**start, "refused": [["p:x", "Busy"]], "unwatched": {"counter": "No space"}}
    stop = {**FakeGuest(*UPDATE).answers["stop"], "full": True}
    trace = run(FakeGuest(*UPDATE, start=told, stop=stop), toy, "counter")
    assert trace.limits == (
        "not probed: p:x: Busy",
        "not watched: counter: No space",
        "the trace ends early: 32 MiB were full",
    )
    assert trace.in_words().startswith("# not probed: p:x: Busy\n")


def test_what_never_happened_is_told(toy):
    assert run(FakeGuest(), toy, "counter").limits == (
        "counter was never accessed",
        "no lock was taken that is followed",
    )


def test_a_host_without_a_disassembler_says_what_that_means(toy, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(
        "vexfs_provider.guest.hosttool.tool_environment", lambda extra: {"PATH": "/nowhere"}
    )
    assert shutil.which("objdump") is None
    trace = run(FakeGuest(*UPDATE), toy, "counter")
    [limit] = trace.limits
    assert limit.startswith("updates of an object in place may be taken for reads: ")
    assert "0.000000012 [000] mv-7 reads counter in update" in trace.in_words()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"section_bases": {}}, "module toy is not loaded"),
        ({"start": {"error": "it has no kprobe events"}}, "6.1-fake cannot trace locks: it has no"),
    ],
)
def test_where_it_cannot_be_done_it_is_not_applicable(toy, answers, reason):
    with pytest.raises(NotApplicable, match=reason):
        run(FakeGuest(**answers), toy)


def test_more_objects_than_the_processor_can_watch_are_refused(toy):
    with pytest.raises(UsageError, match="objects to trace: lock counter other; allowed: at most"):
        ModuleTrace(FakeGuest(), toy, "toy.ko", ["lock", "counter", "other"])
