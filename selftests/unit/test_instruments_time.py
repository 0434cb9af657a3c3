"""What instruments make of perf's records; no guest is needed for it."""

import struct
import xml.etree.ElementTree as xml

import pytest

from vexfs_provider.instrumentation import block_latency, lock_contention, off_cpu
from vexfs_provider.instrumentation.flame_graph import draw, tree
from vexfs_provider.instrumentation.perf_records import Sample, read_records
from vexfs_provider.instrumentation.stacks import artefact, folded, frames, tops


def sample(event, time_ns, thread=1, chain=(), **fields):
    return Sample(time_ns, 0, thread, event, 0, fields, chain)


def request(event, time_ns, sector, rwbs="R"):
    return sample(event, time_ns, dev=(254 << 20) | 1, sector=sector, rwbs=rwbs)


def test_a_request_lasts_from_its_last_issue_to_its_completion():
    issued, completed = block_latency.ISSUED, block_latency.COMPLETED
    found = block_latency.latencies(
        [
            request(completed, 1, 8),
            request(issued, 2, 8),
            request(issued, 3, 16, "WS"),
            request(issued, 1_000, 8),
            request(completed, 5_000, 8),
            request(completed, 9_003, 16, "WS"),
            request(issued, 9_999, 24),
        ]
    )
    device = (254 << 20) | 1
    assert found == {(device, "read"): [4_000], (device, "write"): [9_000]}


@pytest.mark.parametrize(
    ("rwbs", "direction"),
    [
        ("R", "read"),
        ("RAM", "read"),
        ("WFS", "write"),
        ("FWFS", "write"),
        ("D", "discard"),
        ("F", "flush"),
        ("FF", "flush"),
        ("FN", "flush"),
        ("N", "other"),
        ("", "other"),
    ],
)
def test_directions_are_the_kernels_letters(rwbs, direction):
    assert block_latency.direction(rwbs) == direction


def test_a_histogram_has_powers_of_two():
    summary = block_latency.summary([500, 1_000, 1_999, 5_000_000])
    assert summary["histogram_us"] == {"0": 1, "1": 2, "4096": 1}
    assert (summary["count"], summary["median_us"], summary["most_us"]) == (4, 1.5, 5000.0)
    words = block_latency.in_words({"device": "vda", "direction": "read", **summary})
    assert words.startswith("vda read: 4 requests, median 1.5 us")


def test_a_wait_lasts_until_the_task_is_back():
    events = [
        sample(off_cpu.LEAVES, 100, prev_pid=1, prev_state=2, next_pid=0),
        sample(off_cpu.IDLE_ENDS, 300, prev_pid=0, prev_state=0, next_pid=2),
        sample(off_cpu.LEAVES, 400, prev_pid=2, prev_state=1, next_pid=1),
    ]
    [(left, wait_ns)] = off_cpu.waits(events)
    assert (left.fields["prev_pid"], wait_ns) == (1, 300)
    assert off_cpu.state_of(left.fields) == "[uninterruptible]"


def test_a_wait_for_a_mutex_begins_with_its_first_spin():
    begin, end = lock_contention.BEGIN, lock_contention.END
    chain = (1, 2, 3)
    events = [
        sample(begin, 10, 1, chain, lock_addr=5, flags=33),
        sample(begin, 20, 1, chain, lock_addr=5, flags=32),
        sample(begin, 22, 3, chain, lock_addr=5, flags=32),
        sample(begin, 1_010, 3, chain, lock_addr=5, flags=32),
        sample(begin, 25, 2, chain, lock_addr=5, flags=32),
        sample(end, 2_010, 1, lock_addr=5),
        sample(end, 2_010, 3, lock_addr=5),
        sample(end, 2_020, 3, lock_addr=5),
    ]
    found = list(lock_contention.waits(events))
    assert [spent_ns for _, spent_ns in found] == [2_000, 1_000]
    names = {1: "__mutex_lock", 2: "mutex_lock", 3: "add [toy]"}
    table = lock_contention.table(found, {5: "big_lock"}, names)
    assert "3 us      2 times" in table and "mutex big_lock: add [toy]" in table


def test_a_folded_stack_has_the_task_first():
    one = sample("clock", 1, 7, (30, 20))
    assert frames(one, {7: "a;b"}, {30: "inner", 20: "outer"}) == ("a:b", "outer", "inner")
    assert frames(sample("clock", 1, 7), {7: "dd"}, {}) == ("dd", "[user]")
    stacks = {("dd", "read"): 3, ("dd", "write"): 5, ("sh", "read"): 4, ("x",): 0}
    assert folded(stacks) == "dd;write 5\nsh;read 4\ndd;read 3\n"
    assert tops(stacks, 1) == ["58.3 % read"]


def test_a_flame_graph_is_as_wide_as_what_was_measured():
    stacks = {("dd", "read"): 30, ("dd",): 10, ("<sh>", "&x"): 60}
    assert tree(stacks).inner["dd"].value == 40
    picture = xml.fromstring(draw(stacks, title="a < b", unit="samples", notes=["one & two"]))
    space = "{http://www.w3.org/2000/svg}"
    widths = {}
    for group in picture.iter(f"{space}g"):
        name = group.find(f"{space}title").text.partition(":")[0]
        widths[name] = float(group.find(f"{space}rect").get("width"))
    assert widths == {"all": 1180, "dd": 472, "read": 354, "<sh>": 708, "&x": 708}


def test_an_empty_flame_graph_says_so():
    empty = artefact("profile", "Processors", "samples", {}, [])
    assert empty.limits == ("no stack was seen",)
    assert b"no stack was seen" in empty.files["profile.svg"]


def test_a_call_chain_is_read_without_its_marks():
    kernel = (1 << 64) - 128  # PERF_CONTEXT_KERNEL
    head = struct.pack("<QQIIQII", 9, 77, 5, 5, 1_000, 0, 0)
    body = head + struct.pack("<4Q", 3, kernel, 0xFFFFFFFF81000010, 0xFFFFFFFF81000020)
    body += struct.pack("<II", 4, 0)
    record = struct.pack("<IHH", 9, 0, 8 + len(body)) + body
    data = struct.pack("<II", 0, len(record)) + record
    [found] = read_records(data, {9: "clock"}, {}, {"clock"})
    assert found.chain == (0xFFFFFFFF81000010, 0xFFFFFFFF81000020)
