"""Planted races in a module, found on a stock kernel; the right version gives nothing."""

from pathlib import Path

import pytest

from vexfs_provider.detection.races import findings
from vexfs_provider.detection.races_events import Access, LockEvent
from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.module import build_module
from vexfs_provider.instrumentation.module_trace import ModuleTrace

SOURCE = Path(__file__).parent / "modules" / "races"
IN_GUEST = "/run/vexfs/modules/vexfs_races.ko"
TIMEOUT_S = 120.0
ROUNDS = 100
DRIVE = f"""
    cd /sys/kernel/debug/vexfs_races
    echo 1 >create
    sh -c 'echo {ROUNDS} >forward'
    sh -c 'echo {ROUNDS} >backward'
    sh -c 'echo {ROUNDS} >careful' &
    sh -c 'echo {ROUNDS} >careless'
    wait
"""


@pytest.fixture
def races_object(store, progress):
    """The content of the module's file, built for the default kernel."""
    kernel = get_kernel("6.1", store=store, progress=progress)
    module = build_module("vexfs_races", SOURCE, kernel=kernel, store=store, progress=progress)
    return module.objects[0].read_bytes()


def run(guest, script):
    result = guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S)
    assert result.ok, result.text


def insert(guest, races_object, fixed):
    guest.put(IN_GUEST, races_object)
    run(guest, f"insmod {IN_GUEST} fixed={fixed}")


def traced(guest, races_object, fixed):
    """The trace of all four writers."""
    insert(guest, races_object, fixed)
    trace = ModuleTrace(guest, races_object, "vexfs_races.ko", ["counter"])
    trace.start()
    run(guest, DRIVE)
    return trace.stop()


def test_a_planted_order_of_locks_and_a_planted_update_are_found(start, races_object):
    trace = traced(start().guest, races_object, fixed=0)
    assert trace.limits == ()
    found = {finding.kind: finding for finding in findings(trace.events, "locks.trace")}
    assert {kind: finding.title for kind, finding in found.items()} == {
        "lock-order": (
            "possible deadlock: lock order of catalogue_then_table and table_then_catalogue"
        ),
        "data-race": "possible data race: counter in count_unlocked without counter_lock",
    }
    order = found["lock-order"].evidence[0].text
    assert "catalogue_lock (" in order and "&table->lock of create_table (" in order
    lines = trace.in_words().splitlines()
    for finding in found.values():
        *events, reason = finding.evidence[0].text.splitlines()
        assert set(events) <= set(lines)
        assert reason.startswith("confidence ")


def test_the_right_version_gives_nothing(start, races_object):
    guest = start().guest
    trace = traced(guest, races_object, fixed=1)
    assert findings(trace.events, "locks.trace") == []
    accesses = [event for event in trace.events if isinstance(event, Access)]
    assert [event.write for event in accesses].count(True) == 2 * ROUNDS
    assert {event.function for event in accesses} == {"count_locked"}
    # Nothing of the trace stays behind.
    assert guest.get("/sys/kernel/tracing/kprobe_events") == b""
    run(guest, "rmmod vexfs_races")


def test_it_can_be_traced_again(start, races_object):
    guest = start().guest
    insert(guest, races_object, fixed=0)
    run(guest, "echo 1 >/sys/kernel/debug/vexfs_races/create")
    for _ in range(2):
        trace = ModuleTrace(guest, races_object, "vexfs_races.ko")
        trace.start()
        run(guest, "echo 1 >/sys/kernel/debug/vexfs_races/careful")
        events = [event for event in trace.stop().events if isinstance(event, LockEvent)]
        assert [event.action.name for event in events] == ["ACQUIRE", "RELEASE"]


def test_a_module_that_is_not_loaded_cannot_be_traced(start, races_object):
    with pytest.raises(NotApplicable, match="module vexfs_races is not loaded"):
        ModuleTrace(start().guest, races_object, "vexfs_races.ko").start()
