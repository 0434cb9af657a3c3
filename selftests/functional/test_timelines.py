"""The timeline of a finding: what all sources tell of a crash, in the order of its happening."""

import json
import time

from vexfs_provider.scenarios.bench import Bench

TIMEOUT_S = 30.0
CRASH = "echo crash-is-next >/dev/kmsg; echo c >/proc/sysrq-trigger"
PANIC = "kernel panic: sysrq triggered crash"
WRONG = "the content is not what was written"
TRACE = "# tracer: function\n  dd-77  [001] ..... {time:.6f}: demo_write <-vfs_write\n"


def crash(bench: Bench) -> None:
    """A fault that is told of before it strikes, behind more than one sample of the monitor."""
    bench.mount()
    time.sleep(2.2)
    bench.expect("nothing like this")
    bench.guest.run(["sh", "-c", CRASH], timeout_s=TIMEOUT_S)


def find_and_go_on(bench: Bench) -> None:
    bench.mount()
    with bench.step("compare"):
        bench.fail(WRONG, kind="planted", operation="read", expected="a", actual="b")
    bench.guest.run(["echo", "later"], timeout_s=TIMEOUT_S)
    up = float(bench.guest.get("/proc/uptime").split()[0])
    path = bench.guest.folder / "function.trace"
    path.write_text(TRACE.format(time=up))


def places(entries, *wanted):
    """Where the first entry of each wanted source that holds the text stands."""
    found = []
    for source, text in wanted:
        at = [n for n, one in enumerate(entries) if one["source"] == source and text in one["text"]]
        assert at, f"no {source} tells of {text!r} in {entries}"
        found.append(at[0])
    return found


def test_a_crash_is_told_in_order_by_all_sources(perform, tmp_path):
    before_s = time.time()
    record = perform(crash, "tmpfs").record
    assert record.status == "FAIL"
    [timeline] = record.timelines
    assert timeline["finding"] == PANIC
    assert before_s < timeline["time"] < time.time()
    entries = timeline["entries"]
    order = places(
        entries,
        ("event", "step: name mount"),
        ("sample", "guest g1: cpu"),
        ("event", "expect: pattern nothing like this"),
        ("operation", f"begins, and does not end: sh -c {CRASH}"),
        ("console", "crash-is-next"),
        ("console", "Kernel panic"),
        ("finding", PANIC),
    )
    assert order == sorted(order)
    assert [one["seconds"] for one in entries] == sorted(one["seconds"] for one in entries)
    assert entries[order[-1]]["seconds"] == 0
    assert abs(entries[order[3]]["seconds"]) < 1, "the operation began just before it"
    assert timeline["file"] in record.artefacts
    words = (tmp_path / "job" / timeline["file"]).read_text()
    assert words.startswith(f"# {PANIC}\n")
    assert all(one["text"] in words for one in entries)


def test_what_a_scenario_finds_stands_where_it_was_found(perform, tmp_path):
    record = perform(find_and_go_on, "tmpfs").record
    [timeline] = record.timelines
    assert timeline["finding"] == WRONG
    order = places(
        timeline["entries"],
        ("event", "step: name compare"),
        ("finding", WRONG),
        ("event", "step ended: name compare"),
        ("operation", "begins: echo later"),
    )
    assert order == sorted(order)
    words = (tmp_path / "job" / timeline["file"]).read_text()
    assert words.index("ends after") < words.index("trace      dd-77: demo_write <-vfs_write")


def test_a_passing_test_has_no_timeline(perform, tmp_path):
    record = perform(lambda bench: bench.mount(), "tmpfs").record
    assert record.timelines == []
    assert not list((tmp_path / "job").glob("timeline-*"))
    assert "timelines" not in json.loads(record.to_json())
