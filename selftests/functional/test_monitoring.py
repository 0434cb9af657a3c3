"""Samples of a guest go on while it is busy, stopped or replaced, and say what it does."""

import json
import time
from itertools import pairwise

from vexfs_provider.errors import GuestError
from vexfs_provider.monitoring import sides
from vexfs_provider.scenarios.bench import Bench

BUSY_S = 3
STOPPED_S = 4
SLACK_S = 0.5
HOG = b"""
import os, time

def burn(seconds, mib):
    held = bytearray(mib << 20)
    held[:: 4096] = b"x" * len(held[:: 4096])
    children = []
    for _ in range(os.cpu_count()):
        if not (child := os.fork()):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
"""


def busy(bench: Bench) -> None:
    """A call of the agent that takes all processors and much memory for a while."""
    bench.guest.load_source("hog", HOG)
    bench.guest.call("hog", "burn", 60, seconds=BUSY_S, mib=200)
    assert bench.samples(0, time.time()), "the scenario sees the samples that there are"


def read_samples(folder):
    lines = (folder / "job" / "samples.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_busy_guest_is_seen_from_both_sides(perform, tmp_path):
    started = time.time()
    record = perform(busy, vexfs_level="2").record
    samples = read_samples(tmp_path)
    assert record.status == "PASS", record.reason
    guest = [one for one in samples if one["source"] == "guest"]
    host = [one for one in samples if one["source"] == "host"]
    assert len(guest) >= BUSY_S - 1 and len(host) >= BUSY_S
    assert all(started <= one["time"] <= time.time() for one in samples)
    assert max(one["cpu_percent"] for one in guest) > 80
    assert max(one["memory_used_mib"] for one in guest) > 200
    assert max(one["qemu_cpu_percent"] for one in host) > 20
    [summary] = record.monitoring
    assert summary["missing"] == []
    assert summary["samples"] == {"host": len(host), "guest": len(guest)}
    assert summary["noisy"] == sum("noise" in one for one in host)
    described = record.configuration["host"]
    assert len(described["load_average"]) == 3
    assert described.keys() >= {"governor", "other_guests", "processors"}
    assert record.metrics["memory_usage_peak_mb"].value > 200
    assert record.metrics["cpu_utilization_percent"].value > 20


def stopped(bench: Bench) -> None:
    time.sleep(2)
    bench.guest.machine.qmp.execute("stop")
    time.sleep(STOPPED_S)
    bench.guest.machine.qmp.execute("cont")
    time.sleep(2.5)


def test_a_guest_that_was_stopped_keeps_the_hosts_time(perform, tmp_path):
    perform(stopped)
    samples = read_samples(tmp_path)
    host = [one["time"] for one in samples if one["source"] == "host"]
    guest = [one["time"] for one in samples if one["source"] == "guest"]
    gaps = [after - before for before, after in pairwise(guest)]
    assert max(gaps) > STOPPED_S - SLACK_S, "no sample while it was stopped"
    assert guest[-1] > host[-1] - 2, "and the time after it is the host's"


def replaced(bench: Bench) -> None:
    time.sleep(1.5)
    bench.restart()
    time.sleep(1.5)


def test_each_guest_has_samples_under_its_own_name(perform, tmp_path):
    record = perform(replaced).record
    assert [one["name"] for one in record.monitoring] == ["g1", "g2"]
    names = {(one["name"], one["source"]) for one in read_samples(tmp_path)}
    assert names == {(name, source) for name in ("g1", "g2") for source in ("host", "guest")}


def test_nothing_is_sampled_if_the_test_says_so(perform, tmp_path):
    record = perform(lambda bench: time.sleep(1.2), monitor_interval="0").record
    assert record.monitoring == []
    assert not (tmp_path / "job" / "samples.jsonl").exists()


def kill_sampler(bench: Bench) -> None:
    """End the process that writes to the monitor's port: the last one that was plugged."""
    script = (
        "port=$(ls /dev/vport* | tail -n 1); for one in /proc/[0-9]*; do ls -l $one/fd 2>/dev/null"
        ' | grep -q "$port" && kill -9 ${one#/proc/} && killed=yes; done; [ "$killed" ]'
    )
    assert bench.guest.run(["sh", "-c", script], timeout_s=20).ok
    killed_s = time.time()
    time.sleep(2.5)
    later = {sample["source"] for sample in bench.samples(killed_s + SLACK_S, time.time())}
    assert later == {"host"}


def test_a_guest_without_its_sampler_fails_no_test(perform):
    record = perform(kill_sampler).record
    assert record.status == "PASS", record.reason


def refuse(qmp):
    raise GuestError("QEMU refused device_add: planted")


def test_a_port_that_cannot_be_plugged_is_told(perform, monkeypatch):
    monkeypatch.setattr(sides, "plug_port", refuse)
    record = perform(lambda bench: time.sleep(1.2)).record
    assert record.status == "PASS", record.reason
    [summary] = record.monitoring
    assert summary["missing"] == ["the guest's side: QEMU refused device_add: planted"]
    assert summary["samples"]["guest"] == 0 < summary["samples"]["host"]
