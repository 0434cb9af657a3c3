"""What a guest's sampler sends: read as numbers, whatever it is, and put on the host's clock."""

import importlib
import json
import os
import socket
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import GuestError
from vexfs_provider.monitoring import sides
from vexfs_provider.monitoring.guest_clock import GuestClock
from vexfs_provider.monitoring.guest_counters import BadLine, difference, parse_line
from vexfs_provider.paths import data_dir

STAT = "cpu  100 0 60 800 40 0 0 0 0 0\ncpu0 50 0 30 400 20 0 0 0 0 0\n"
MEMINFO = "MemTotal: 4096 kB\nMemAvailable: 3072 kB\nDirty: 512 kB\nSlab: 1024 kB\n"
STALLS = "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\nfull avg10=0.00 total=500\n"
DISK = "254 0 vda 10 0 80 20 10 0 160 40 0 50 60 0 0 0 0 0 0\n"
TEXTS = {"stat": STAT, "meminfo": MEMINFO, "diskstats": DISK, "pressure/io": STALLS}


def line(when: float = 1.0, **texts: str) -> bytes:
    return json.dumps({"time": when, "cost": 0.5, "texts": TEXTS | texts}).encode()


def test_counters_become_what_was_used_between_two_lines():
    later = line(
        3.0,
        stat=STAT.replace("cpu  100 0 60 800", "cpu  200 0 110 850"),
        diskstats="254 0 vda 20 0 4176 70 20 0 160 90 3 1050 60 0 0 0 0 0 0\n",
        **{"pressure/io": STALLS.replace("=1000", "=1001000")},
    )
    values = difference(parse_line(line()), parse_line(later))
    assert values["cpu_percent"] == 75
    assert (values["memory_used_mib"], values["dirty_mib"], values["slab_mib"]) == (1, 0.5, 1)
    assert values["psi_io_some_percent"] == 50
    assert values["psi_io_full_percent"] == 0
    assert values["cost_percent"] == 0
    assert values["disks"] == {
        "vda": {
            "await_ms": 5,
            "in_flight": 3,
            "busy_percent": 50,
            "read_mib_per_s": 1,
            "write_mib_per_s": 0,
        }
    }


def test_a_kernel_without_pressure_files_is_read():
    texts = {name: text for name, text in TEXTS.items() if name != "pressure/io"}
    reading = parse_line(json.dumps({"time": 1.0, "cost": 0.0, "texts": texts}).encode())
    assert not any("psi" in name for name in difference(reading, replace(reading, time=2.0)))


def test_the_end_of_a_text_that_was_cut_is_left_out():
    reading = parse_line(line(diskstats=DISK + "254 16 vdb 10 0 8"))
    assert list(reading.disks) == ["vda"]


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        line(stat=""),
        line(stat="cpux 1 2"),
        line(meminfo="MemTotal: many"),
        line(meminfo="MemTotal: 4096 kB\n"),
        line(stat=f"cpu {2**63} 0 0 0 0 0 0 0\n"),
        line(diskstats="254 0 vda -1 0 80 20 10 0 160 40 0 50 60\n"),
        line(float("nan")),
        line(float("inf")),
        json.dumps({"time": "1", "cost": 0.0, "texts": TEXTS}).encode(),
        json.dumps({"time": 1.0, "cost": 0.0, "texts": [1]}).encode(),
    ],
)
def test_what_is_no_sample_is_refused(told):
    with pytest.raises(BadLine):
        parse_line(told)


@given(st.dictionaries(st.sampled_from(sorted(TEXTS)), st.text(max_size=60)), st.floats())
def test_a_hostile_guest_can_only_send_numbers(texts, when):
    try:
        reading = parse_line(line(when, **texts))
    except BadLine:
        return
    first = parse_line(line(0.0))
    json.dumps(difference(first, replace(reading, time=reading.time + 1)), allow_nan=False)


def test_the_guests_clock_is_the_hosts_less_the_least_delay():
    clock = GuestClock()
    assert clock.to_host(10.0, 110.3) == pytest.approx(110.3)
    assert clock.to_host(11.0, 111.0) == pytest.approx(111.0)
    assert clock.to_host(12.0, 112.7) == pytest.approx(112.0), "this line was late, not the clock"


def test_a_guest_that_was_stopped_is_believed_anew():
    clock = GuestClock()
    clock.to_host(10.0, 110.0)
    assert clock.to_host(11.0, 171.0) == pytest.approx(171.0)
    assert clock.to_host(12.0, 172.0) == pytest.approx(172.0)


@pytest.fixture
def guest_end(monkeypatch):
    """The end of the port that the guest has; the other end's ``GuestSide`` is ``side``."""
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(sides, "plug_port", lambda qmp: ours)
    monkeypatch.setattr(sides, "start_sampler", lambda guest, interval_s: ["pressure/cpu"])
    with theirs:
        yield theirs


class Machine:
    qmp = None
    machine: "Machine"


Machine.machine = Machine()


def test_lines_come_in_pieces_and_garbage_is_counted(guest_end):
    side = sides.GuestSide(Machine(), 1)
    assert side.missing == ["/proc/pressure/cpu"]
    sent = line(1.0) + b"\n" + b"garbage\n" + line(2.0) + b"\n"
    found = []
    for start in range(0, len(sent), 100):
        guest_end.send(sent[start : start + 100])
        found += side.take()
    assert [(sample["source"], side.refused) for sample in found] == [("guest", 1)]
    assert found[0]["time"] == pytest.approx(time.time(), abs=5)
    side.close()


def test_an_endless_line_is_not_kept(guest_end):
    side = sides.GuestSide(Machine(), 1)
    for _ in range(8):
        guest_end.send(b"x" * (sides.LINE_LIMIT // 4))
        assert list(side.take()) == []
        assert len(side._rest) <= sides.LINE_LIMIT
    side.close()


def test_the_end_of_the_port_is_told(guest_end):
    side = sides.GuestSide(Machine(), 1)
    guest_end.close()
    with pytest.raises(GuestError, match="end of file"):
        list(side.take())
    side.close()


def test_what_the_sampler_sends_is_what_is_read(monkeypatch):
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    sampler = importlib.import_module("monitor_sampler")
    names = [name for name in sampler.TEXTS if sampler.readable(name)]
    files = {name: os.open(f"/proc/{name}", os.O_RDONLY) for name in names}
    reader, writer = os.pipe()
    try:
        sampler.send(writer, files)
        reading = parse_line(os.read(reader, 1 << 16))
    finally:
        for descriptor in (reader, writer, *files.values()):
            os.close(descriptor)
    assert reading.total > 0 and reading.memory["used"] > 0
