"""The host's side of samples: what others use of it, and a QEMU that goes away."""

import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from vexfs_provider.errors import GuestDied, GuestError
from vexfs_provider.monitoring import monitor as monitor_module
from vexfs_provider.monitoring.host import MIB, Reading, Transfers, difference
from vexfs_provider.monitoring.monitor import Monitor
from vexfs_provider.monitoring.noise import describe_host, noise
from vexfs_provider.monitoring.sides import HostSide
from vexfs_provider.monitoring.summary import Summary
from vexfs_provider.record import Record
from vexfs_provider.runner.usage import add_usage

BEFORE = Reading(time=10, processors=2, busy=50, waiting=1, steal=0, guest=20, own=5)
WAIT_S = 10.0


def after(**changes: float) -> Reading:
    """Two seconds later, of which QEMU took one and we a tenth; and what else is given."""
    busy = 51.1 + changes.pop("others", 0.0)
    return replace(BEFORE, time=12, guest=21, own=5.1, busy=busy, **changes)


def test_what_others_use_is_what_is_left():
    values = difference(BEFORE, after(others=1.0, disk=Transfers(4 * MIB, 0)))
    assert values["qemu_cpu_percent"] == 50
    assert values["others_cpu_percent"] == pytest.approx(50)
    assert values["host_cpu_percent"] == pytest.approx(52.5)
    assert values["host_read_mib_per_s"] == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"others": 0.4}, ""),
        ({"others": 1.0}, "other processes used 50 % of a processor"),
        ({"steal": 0.8}, "20 % of the host's time was stolen"),
    ],
)
def test_noise_is_what_the_measured_guest_did_not_make(changes, words):
    assert noise(BEFORE, after(**changes)) == words


def test_the_host_is_described_with_its_governors(tmp_path):
    for number, name in enumerate(("performance", "powersave", "powersave")):
        folder = tmp_path / f"cpu{number}" / "cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_governor").write_text(f"{name}\n")
    facts = describe_host(1, tmp_path)
    assert facts["governor"] == "performance powersave"
    assert len(facts["load_average"]) == 3 and facts["processors"] >= 1


def test_other_guests_are_counted(tmp_path):
    program = tmp_path / "qemu-system-xyz"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as process:
        try:
            counted = describe_host(1)["other_guests"]
            assert counted == describe_host(process.pid)["other_guests"] + 1
        finally:
            process.kill()


def test_a_vanished_process_is_told():
    with subprocess.Popen(["sleep", "60"]) as process:
        side = HostSide(process.pid)
        time.sleep(0.1)
        [sample] = side.take()
        assert sample["qemu_rss_mib"] > 0
        process.kill()
        process.wait()
    time.sleep(0.1)
    with pytest.raises(psutil.Error):
        list(side.take())
    with pytest.raises(GuestDied):
        HostSide(process.pid)


def test_a_sample_is_marked_while_others_use_the_host():
    with subprocess.Popen(["sleep", "60"]) as measured:
        side = HostSide(measured.pid)
        with subprocess.Popen(["sh", "-c", "while :; do :; done"]) as busy:
            time.sleep(1.0)
            [sample] = side.take()
            busy.kill()
        measured.kill()
    assert "other processes used" in sample["noise"]


class FakeGuest:
    """A guest whose QEMU is any process; ``marks`` counts those of its console."""

    def __init__(self, pid: int):
        self.pid = pid
        self.machine = self.diary = self
        self.marks = 0

    def mark(self) -> None:
        self.marks += 1


def refuse(*_: object) -> None:
    raise GuestError("no such port")


@pytest.mark.parametrize("killed", [False, True])
def test_a_monitor_outlives_its_qemu_and_a_guest_that_refuses(monkeypatch, tmp_path, killed):
    monkeypatch.setattr(monitor_module, "GuestSide", refuse)
    path = tmp_path / "samples.jsonl"
    with subprocess.Popen(["sleep", "60"]) as process:
        guest = FakeGuest(process.pid)
        monitor = Monitor(guest, "g7", path, 1)  # type: ignore[arg-type]
        time.sleep(0.1)
        if killed:
            process.kill()
            process.wait()
        told = monitor.stop()
        process.kill()
    assert told["missing"] == ["the guest's side: no such port"]
    assert guest.marks == 1
    samples = [json.loads(text) for text in path.read_text().splitlines()]
    assert len(samples) == told["samples"]["host"] == (0 if killed else 1)
    assert all(one["name"] == "g7" for one in samples)


def test_a_summary_has_mean_peak_and_the_slowest_disk(tmp_path: Path):
    summary = Summary()
    disks = {"vda": {"await_ms": 1, "in_flight": 4}, "vdb": {"await_ms": 9, "in_flight": 0}}
    for busy in (10.0, 30.0):
        summary.add({"source": "guest", "time": 1.0, "cpu_percent": busy, "disks": disks})
    summary.add({"source": "host", "time": 1.0, "cost_percent": 0.5, "noise": "busy"})
    told = summary.to_dict()
    assert told["samples"] == {"guest": 2, "host": 1}
    assert told["noisy"] == 1
    assert told["quantities"]["cpu_percent"] == {"mean": 20, "peak": 30}
    assert told["quantities"]["disk_await_ms"]["peak"] == 9
    assert told["quantities"]["disk_in_flight"]["peak"] == 4
    assert told["quantities"]["host_cost_percent"]["mean"] == 0.5
    assert "time" not in told["quantities"]


@pytest.mark.parametrize(("level", "there"), [(1, False), (2, True), (3, True)])
def test_memory_and_processors_are_metrics_from_level_2_on(level, there):
    record = Record(level, "demo", "ext4")
    quantities = {
        "memory_used_mib": {"mean": 50, "peak": 100},
        "cpu_percent": {"mean": 20, "peak": 90},
    }
    record.monitoring = [{"quantities": quantities}, {"quantities": {}}]
    add_usage(record)
    assert ("memory_usage_peak_mb" in record.metrics) is there
    if there:
        assert record.metrics["memory_usage_peak_mb"].value == pytest.approx(104.8576)
        assert record.metrics["cpu_utilization_percent"].samples == (20,)
