"""The kernel's records: read from bytes, and translated into events of locks and objects."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.detection.races_events import Access, LockEvent, Signal
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.instrumentation.lock_functions import LOCK_FUNCTIONS
from vexfs_provider.instrumentation.module_object import CallSite, Way
from vexfs_provider.instrumentation.perf_records import (
    Forked,
    Lost,
    Named,
    Sample,
    read_records,
)
from vexfs_provider.instrumentation.probes import LockSite
from vexfs_provider.instrumentation.trace_events import Names, Translation, task_names

FORMAT = """name: initialise
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:u32 site;	offset:8;	size:4;	signed:0;
	field:s32 result;	offset:12;	size:4;	signed:1;
	field:__data_loc char[] name;	offset:16;	size:4;	signed:1;
	field:char comm[16];	offset:20;	size:16;	signed:1;
"""
TEXT = b"&x->lock\0"
RAW = struct.pack("<HBxiIiI16s", 7, 0x49, 12, 3, -4, len(TEXT) << 16 | 36, b"sh") + TEXT
EVENTS = {5: "vexfs/initialise", 6: "write:x"}


def record(kind, body):
    return struct.pack("<IHH", kind, 0, 8 + len(body)) + body


def sample(identifier, time_ns, raw):
    body = struct.pack("<QQIIQII", identifier, 0xFFFF, 1, 12, time_ns, 1, 0)
    return record(9, body + struct.pack("<I", len(raw)) + raw)


def trailer(time_ns):
    return struct.pack("<IIQIIQ", 1, 12, time_ns, 1, 0, 5)


def chunk(cpu, *records):
    data = b"".join(records)
    return struct.pack("<II", cpu, len(data)) + data


LOST = record(2, struct.pack("<QQ", 5, 40) + trailer(30))
NAMED = record(3, struct.pack("<II", 1, 12) + b"mv\0\0\0\0\0\0" + trailer(10))
FORKED = record(7, struct.pack("<IIIIQ", 9, 1, 13, 12, 20) + trailer(20))
ENDED = record(4, struct.pack("<IIIIQ", 9, 1, 13, 12, 20) + trailer(25))
DATA = chunk(1, sample(5, 15, RAW), FORKED, ENDED) + chunk(0, NAMED, sample(6, 12, b""), LOST)


def test_records_are_read_and_sorted():
    fields = {
        "common_type": 7,
        "common_flags": 0x49,
        "common_pid": 12,
        "site": 3,
        "result": -4,
        "name": "&x->lock",
        "comm": "sh",
    }
    assert read_records(DATA, EVENTS, {"vexfs/initialise": FORMAT}) == [
        Named(10, 0, 12, "mv"),
        Sample(12, 1, 12, "write:x", 0xFFFF),
        Sample(15, 1, 12, "vexfs/initialise", 0xFFFF, fields),
        Forked(20, 1, 12, 13),
        Lost(30, 0, 12, 40),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"abc", "at byte 0: the head of a chunk is cut"),
        (DATA[:-1], "a chunk is cut"),
        (chunk(0, b"1234"), "at byte 8: the head of a record is cut"),
        (chunk(0, struct.pack("<IHH", 9, 0, 4)), "a record of 4 bytes"),
        (chunk(0, struct.pack("<IHH", 9, 0, 80)), "a record of 80 bytes"),
        (chunk(0, sample(99, 1, b"")), "a record of type 9: KeyError"),
        (chunk(0, record(9, b"short")), "a record of type 9"),
        (chunk(0, record(3, b"short")), "a record of type 3"),
    ],
)
def test_damage_is_told_with_its_place(data, message):
    with pytest.raises(InfrastructureError, match=message):
        read_records(data, EVENTS, {})


@given(st.binary(), st.integers(0, len(DATA)))
def test_any_bytes_are_read_or_refused(noise, cut):
    for data in (noise, DATA[:cut], DATA[:cut] + noise, chunk(0, record(9, noise))):
        try:
            read_records(data, EVENTS, {"vexfs/initialise": FORMAT})
        except InfrastructureError:
            continue


def test_names_of_tasks_are_inherited_and_change():
    records = [Forked(1, 0, 5, 6), Named(2, 0, 6, "mv"), Forked(3, 0, 6, 7)]
    assert task_names({5: "sh"}, records) == {5: "sh", 6: "mv", 7: "mv"}


# Sites of the tests, by number.
CALLS = ["mutex_lock", "mutex_trylock", "mutex_unlock", "_raw_spin_lock_irqsave", "mutex_lock"]
CALLS += ["_raw_spin_unlock_irqrestore", "down_read_killable", "__mutex_init", "_raw_spin_lock"]
LOCK, TRY, UNLOCK, IRQSAVE, JUMP, RESTORE, KILLABLE, INIT, SPIN = range(9)
ON, NMI, SOFT = 0x200, 0x48, 0x10  # EFLAGS.IF; flags of a probe; TRACE_FLAG_SOFTIRQ
STATIC, KERNEL = 0x5000, 0x9000


def sites():
    ways = [Way.JUMP if number == JUMP else Way.CALL for number in range(len(CALLS))]
    calls = [
        CallSite(name, f"f{number}", 8 * number, way, (".text", 8 * number + 5))
        for number, (name, way) in enumerate(zip(CALLS, ways, strict=True))
    ]
    return [LockSite(call, LOCK_FUNCTIONS[call.callee]) for call in calls]


NAMES = Names(
    tasks={1: "p", 2: "q"},
    function=lambda address: f"f@{address:#x}" if address < 0x100 else None,
    variable=lambda address: "static_lock" if address == STATIC else None,
    outside={KERNEL - 1: "memcpy", 0xA000 - 1: "kprobe_insn_page"},
    writes=lambda address: address == 0x20,
    writes_next=lambda call: call.end == (".text", 5),
)


def probe(event, site, thread=1, *, flags=ON, common=NMI, **fields):
    every = {"site": site, "flags": flags, "common_flags": common, **fields}
    return Sample(0, 0, thread, f"vexfs/{event}", 0, every)


def took(site, lock, thread=1, *, result=0, flags=ON, after=None, common=NMI):
    """A call to take a lock and its return."""
    first = probe("take", site, thread, lock=lock, flags=flags, common=common)
    flags = flags if after is None else after
    return [first, probe("taken", site, thread, result=result, flags=flags, common=common)]


def translate(*records):
    return Translation(sites(), NAMES).events(records)


def told(*records):
    """Task, action and lock of each event."""
    events = translate(*records)
    return [f"{e.task} {e.action.name} {e.lock}" for e in events if isinstance(e, LockEvent)]


def test_locks_are_taken_and_released():
    release = probe("release", UNLOCK, lock=16)
    assert told(*took(LOCK, 16), release) == ["p-1 ACQUIRE 0x10", "p-1 RELEASE 0x10"]


@pytest.mark.parametrize(
    ("site", "result", "events"),
    [
        (TRY, 1, ["p-1 TRY 0x10"]),
        (TRY, 0, []),
        (KILLABLE, 0, ["p-1 ACQUIRE 0x10"]),
        (KILLABLE, -4, []),
    ],
)
def test_the_outcome_of_a_call_counts(site, result, events):
    assert told(*took(site, 16, result=result)) == events


def test_readers_are_told():
    [event] = translate(*took(KILLABLE, 16))
    assert event.shared and event.function == f"f{KILLABLE}"


def test_a_lock_taken_by_the_last_call_of_a_function():
    assert told(probe("take", JUMP, lock=16)) == ["p-1 ACQUIRE 0x10"]


def test_who_does_not_return_from_a_call_waits():
    assert told(probe("take", LOCK, lock=16)) == ["p-1 WAIT 0x10"]
    assert told(probe("take", TRY, lock=16)) == []


def test_who_calls_something_else_has_got_the_lock():
    records = [probe("take", LOCK, lock=16), *took(SPIN, 32)]
    assert told(*records) == ["p-1 ACQUIRE 0x10", "p-1 ACQUIRE 0x20"]


def test_an_interrupt_is_a_task_of_its_own():
    interrupted = [*took(LOCK, 16), *took(SPIN, 32, flags=0)]
    assert told(*interrupted) == ["p-1 ACQUIRE 0x10", "interrupt/0 ACQUIRE 0x20"]
    assert told(*took(SPIN, 32, common=NMI | SOFT)) == ["softirq/0 ACQUIRE 0x20"]


def test_a_task_that_has_switched_interrupts_off_is_none():
    masked = took(IRQSAVE, 16, after=0)
    release = probe("release", RESTORE, lock=16, flags=0)
    events = told(*masked, *took(SPIN, 32, flags=0), release, *took(SPIN, 48, flags=0))
    assert events == [
        "p-1 ACQUIRE 0x10",
        "p-1 ACQUIRE 0x20",
        "p-1 RELEASE 0x10",
        "interrupt/0 ACQUIRE 0x30",
    ]


def classes(*records):
    return [event.lock_class for event in translate(*records)]


def test_locks_have_the_class_of_their_variable_or_initialisation():
    named = probe("initialise", INIT, lock=16, name="&x->lock")
    assert classes(*took(LOCK, STATIC)) == ["static_lock"]
    assert classes(named, *took(LOCK, 16)) == [f"&x->lock of f{INIT}"]


def test_a_lock_that_is_initialised_again_is_another():
    named = probe("initialise", INIT, lock=16, name="&x->lock")
    records = [*took(LOCK, 16), named, *took(SPIN, 16), named, *took(SPIN, 16)]
    assert told(*records) == [f"p-1 ACQUIRE {lock}" for lock in ("0x10", "0x10#1", "0x10#2")]


def test_unknown_locks_are_of_the_class_of_those_taken_by_the_same_call():
    named = probe("initialise", INIT, lock=16, name="&x->lock")
    expected = [f"&x->lock of f{INIT}"] * 2
    assert classes(named, *took(LOCK, 16), *took(LOCK, 32)) == expected
    assert classes(*took(LOCK, 16), *took(LOCK, 32)) == [f"lock of f{LOCK}"] * 2


def test_a_call_that_takes_locks_of_several_classes_tells_nothing():
    named = probe("initialise", INIT, lock=16, name="&x->lock")
    records = [named, *took(LOCK, 16), *took(LOCK, STATIC), *took(LOCK, 32)]
    assert classes(*records) == [f"&x->lock of f{INIT}", "static_lock", "0x20"]


def accesses(*records):
    return [(e.object, e.write, e.function) for e in translate(*records) if isinstance(e, Access)]


def hit(kind, instruction, name="x"):
    return Sample(0, 0, 1, f"{kind}:{name}", instruction)


def test_reads_and_writes():
    assert accesses(hit("access", 0x10), hit("write", 0x18)) == [
        ("x", False, "f@0xf"),
        ("x", True, "f@0x17"),
    ]


def test_a_write_that_both_breakpoints_report_is_one():
    assert accesses(hit("access", 0x18), hit("write", 0x18)) == [("x", True, "f@0x17")]


def test_an_update_in_place_is_a_write_though_it_was_reported_as_a_read():
    assert accesses(hit("access", 0x20)) == [("x", True, "f@0x1f")]


def test_accesses_by_the_kernel_itself():
    assert accesses(hit("access", KERNEL)) == [("x", False, "memcpy")]


def test_an_access_right_behind_a_call_is_made_in_the_copy_for_its_probe():
    assert accesses(*took(LOCK, 16), hit("access", 0xA000)) == [("x", True, f"f{LOCK}")]
    assert accesses(*took(SPIN, 16), hit("access", 0xA000)) == [("x", False, f"f{SPIN}")]


def signals(*records):
    return [(e.task, e.channel, e.sent) for e in translate(*records) if isinstance(e, Signal)]


def waking(flags):
    fields = {"pid": 2, "target_cpu": 1, "common_flags": flags}
    return Sample(0, 0, 1, "sched/sched_waking", 0, fields)


def test_a_task_that_wakes_or_forks_another_comes_before_it():
    expected = [("p-1", "the wake-up of q-2", True), ("q-2", "the wake-up of q-2", False)]
    assert signals(waking(0)) == expected
    assert signals(Forked(0, 0, 1, 2)) == expected


@pytest.mark.parametrize("flags", [0x08, 0x10])
def test_what_an_interrupt_wakes_is_no_work_of_the_task(flags):
    assert signals(waking(flags)) == []


def test_queued_work_comes_after_who_queued_it():
    queued = Sample(0, 0, 1, "workqueue/workqueue_queue_work", 0, {"work": 16})
    started = Sample(0, 0, 2, "workqueue/workqueue_execute_start", 0, {"work": 16})
    assert signals(queued, started) == [("p-1", "work 0x10", True), ("q-2", "work 0x10", False)]
