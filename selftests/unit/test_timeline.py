"""Timelines without a guest: the console's clock, the bounds, what each source tells."""

import json

import pytest

from vexfs_provider.guest.console_times import Line, Mark, host_time, timed_lines
from vexfs_provider.guest.diary import Operation
from vexfs_provider.runner import timeline_sources as sources
from vexfs_provider.runner.timeline import (
    BEFORE,
    BEHIND,
    CONSOLE_BEFORE,
    WIDTH,
    Entry,
    make_timeline,
)


def console_of(*texts):
    """A console, and the place behind each of its lines."""
    data, ends = b"", []
    for text in texts:
        data += text.encode() + b"\r\n"
        ends.append(len(data))
    return data, ends


def times(console, marks, start=0):
    return [round(line.time, 3) for line in timed_lines(console, start, marks)]


def test_the_kernels_times_count_between_two_marks():
    console, ends = console_of("[   10.000000] a", "[   10.400000] b", "[   11.000000] c")
    marks = [Mark(100.0, 0), Mark(100.1, ends[0]), Mark(109.0, ends[2])]
    assert times(console, marks) == [100.1, 100.5, 101.1]


def test_a_guest_that_stood_still_is_put_behind_the_mark_that_its_line_came_behind():
    console, ends = console_of("[   10.000000] a", "[   10.100000] b", "[   10.200000] c")
    marks = [Mark(100.0, 0), Mark(100.1, ends[0]), Mark(160.0, ends[0]), Mark(161.0, ends[2])]
    assert times(console, marks) == [100.1, 160.0, 160.1]


def test_a_kernel_that_boots_again_begins_a_clock_of_its_own():
    console, ends = console_of("[   50.000000] a", "[    0.000000] b", "[    1.000000] c")
    marks = [Mark(100.0, 0), Mark(100.1, ends[0]), Mark(130.0, ends[0]), Mark(150.0, ends[2])]
    assert times(console, marks) == [100.1, 130.0, 131.0]


def test_a_line_without_a_time_has_that_of_the_one_above():
    console, ends = console_of("[   10.000000] a", "no time", "[   12.000000][  T99] c")
    marks = [Mark(100.0, 0), Mark(100.1, ends[0]), Mark(109.0, ends[2])]
    assert times(console, marks) == [100.1, 100.1, 102.1]


def test_what_no_mark_helps_with_is_left_out():
    console, _ = console_of("[   10.000000] a")
    assert timed_lines(console, 0, []) == []


def test_only_lines_behind_the_start_count():
    console, ends = console_of("[    1.000000] boot", "[   10.000000] a")
    marks = [Mark(100.0, ends[0]), Mark(100.1, ends[1])]
    [line] = timed_lines(console, ends[0], marks)
    assert (line.text, line.offset, line.kernel_s) == ("[   10.000000] a", ends[0], 10.0)


def test_a_time_of_the_kernel_is_the_hosts_by_the_nearest_line():
    lines = [Line(100.0, 0, "a", 10.0), Line(101.0, 9, "b"), Line(160.0, 9, "c", 11.0)]
    assert host_time(lines, 10.2) == pytest.approx(100.2)
    assert host_time(lines, 11.5) == pytest.approx(160.5)
    assert host_time([], 1.0) is None


def test_the_record_has_the_nearest_entries_and_cut_texts():
    entries = [Entry(float(number), "event", f"{number} {'x' * 999}") for number in range(100)]
    found = make_timeline("title", 50.0, reversed(entries)).to_dict("timeline-1.txt")
    seconds = [entry["seconds"] for entry in found["entries"]]
    assert seconds == [*range(1 - BEFORE, 1), 0, *range(1, BEHIND + 1)]
    events = [entry["text"] for entry in found["entries"] if entry["source"] == "event"]
    assert {len(text) for text in events} == {WIDTH}


def test_a_report_of_many_lines_leaves_room_for_what_led_to_it():
    report = [Entry(50.0, "console", f"line {number}") for number in range(200)]
    entries = [*(Entry(float(number), "event", str(number)) for number in range(50)), *report]
    found = make_timeline("title", 50.0, entries, report[100]).to_dict("timeline-1.txt")
    texts = [entry["text"] for entry in found["entries"]]
    console = [f"line {number}" for number in range(91, 106)]
    led = [str(number) for number in range(50 - BEFORE + CONSOLE_BEFORE, 50)]
    assert texts == [*led, *console[:CONSOLE_BEFORE], "title", *console[CONSOLE_BEFORE:]]


def test_the_file_says_how_long_before_and_behind():
    entries = [Entry(1.5, "event", "first\nof all"), Entry(3.0, "console", "last")]
    words = make_timeline("title", 2.0, entries).in_words().splitlines()
    assert words[:2] == [
        "# title",
        "# seconds before (-) and behind (+) it; 0 is 1970-01-01T00:00:02.000+00:00",
    ]
    assert words[2:] == [
        "    -0.500  event      first of all",
        "    +0.000  finding    title",
        "    +1.000  console    last",
    ]


def test_an_operation_that_did_not_end_is_told_as_in_flight():
    entries = sources.operation_entries([Operation("a", 1.0, 1.25), Operation("b", 2.0)])
    assert [(entry.time, entry.text) for entry in entries] == [
        (1.0, "begins: a"),
        (1.25, "ends after 0.250 s: a"),
        (2.0, "begins, and does not end: b"),
    ]


def test_any_event_is_told_with_its_details(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = [
        {"time": 1.0, "event": "fault", "device": "sdb", "rate": 3},
        {"time": 2.0, "event": "x"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"time": 3')
    found = [(entry.time, entry.text) for entry in sources.event_entries(path)]
    assert found == [(1.0, "fault: device sdb, rate 3"), (2.0, "x")]
    assert list(sources.event_entries(tmp_path / "none")) == []


def test_a_sample_is_told_with_pressure_and_disks(tmp_path):
    path = tmp_path / "samples.jsonl"
    sample = {"time": 1.0, "source": "guest", "name": "g1", "cpu_percent": 80.04}
    sample |= {"memory_used_mib": 200, "psi_io_some_percent": 7.5, "psi_cpu_some_percent": 0.0}
    sample["noise"] = "other processes used 50 % of a processor"
    sample["disks"] = {"vdb": {"await_ms": 3.0, "in_flight": 2}}
    path.write_text(json.dumps(sample) + "\n")
    [entry] = sources.sample_entries(path)
    assert entry.text == (
        "guest g1: cpu 80.0 %, memory used 200.0 MiB, psi io some 7.5 %, "
        "vdb: await 3.0 ms in flight 2.0, noise: other processes used 50 % of a processor"
    )


def test_a_long_file_is_read_from_a_whole_line_on(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "TAIL", 40)
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f'{{"time": {number}, "event": "x"}}\n' for number in range(9)))
    assert [entry.time for entry in sources.event_entries(path)] == [8]
