"""Synthetic nights for documentation, screenshots and benchmarks; nothing in them was measured.

Every record says so (``configuration.synthetic``), and what is shown of them says it too.
"""

import contextlib
import hashlib
import json
import random
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

KERNEL, KERNEL_RELEASE = "6.1", "6.1.0-synthetic"
SAMPLES = 12
START_HOUR = 2
HOST = {"processors": 8, "model": "synthetic processor", "other_guests": 0}


@dataclass(frozen=True)
class Measured:
    """A metric of a scenario; ``value`` is that of the first night, on the fastest filesystem."""

    name: str
    unit: str
    better: str
    value: float
    spread: float = 0.06


SCENARIOS: Mapping[str, tuple[Measured, ...]] = {
    "mount_cycle": (
        Measured("mount_time_ms", "ms", "lower", 14.0),
        Measured("unmount_time_ms", "ms", "lower", 9.0),
    ),
    "basic_io": (Measured("basic_io_throughput_mbps", "MB/s", "higher", 420.0, 0.04),),
    "metadata": (Measured("metadata_operations_per_sec", "1/s", "higher", 5200.0, 0.08),),
    "persistence": (),
    "space": (),
}
SLOWNESS = {"ext4": 1.0, "xfs": 1.15, "vexfs": 1.6}
"""Factors, by filesystem."""


@dataclass(frozen=True)
class Story:
    """What happens in the course of the nights, as fractions of them."""

    slower_at: float = 0.6  # vexfs mounts take half as long again
    broken_at: float = 0.8  # vexfs has a data mismatch from then on
    fixed_at: float = 0.3  # a BUG in vexfs is gone from then on
    flaky: float = 0.12  # of the nights in which xfs' space test fails
    missing_at: float = 0.5  # no job in this night


def make_demo(folder: Path, nights: int, seed: int, last: date) -> Iterator[Path]:
    """Write a job folder for each of the nights up to ``last``, one missing; yields their paths.

    The same arguments give the same jobs.
    """
    story = Story()
    chance = random.Random(seed)
    for night in range(nights):
        if night == int(nights * story.missing_at) and nights > 2:
            continue
        day = last - timedelta(days=nights - 1 - night)
        yield _write_job(folder, day, seed, list(_tests(night / nights, story, chance)))


def _write_job(folder: Path, day: date, seed: int, tests: list[dict[str, Any]]) -> Path:
    started = datetime(day.year, day.month, day.day, START_HOUR).timestamp()
    job_id = hashlib.sha1(f"synthetic {seed} {day}".encode()).hexdigest()
    job = folder / f"job-{day:%Y-%m-%d}T{START_HOUR:02}.00-{job_id[:7]}"
    clock = started
    for number, test in enumerate(tests, 1):
        test["id"] = f"{number:02}-{test['name']}"
        test["logdir"] = str(job / "test-results" / test["id"])
        test["actual_time_start"] = clock
        clock += test["time_elapsed"]
        test["actual_time_end"] = clock
    document = {
        "job_id": job_id,
        "start": str(datetime.fromtimestamp(started)),
        "time": clock - started,
        "total": len(tests),
        "tests": tests,
    }
    # Whoever looks meanwhile sees no half of a job.
    unfinished = folder / f".{job.name}"
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(unfinished)
    unfinished.mkdir(parents=True)
    (unfinished / "results.json").write_text(json.dumps(document, indent=1))
    if job.exists():
        shutil.rmtree(job)
    return unfinished.rename(job)


def _tests(when: float, story: Story, chance: random.Random) -> Iterator[dict[str, Any]]:
    for filesystem, slowness in SLOWNESS.items():
        for scenario, metrics in SCENARIOS.items():
            record = _record(scenario, filesystem)
            for metric in metrics:
                factor = slowness
                if (filesystem, scenario) == ("vexfs", "mount_cycle") and when >= story.slower_at:
                    factor *= 1.5
                record["metrics"][metric.name] = _metric(metric, factor, chance)
            record["findings"] = list(_findings(filesystem, scenario, when, story, chance))
            status = "FAIL" if record["findings"] else "PASS"
            record["status"], record["duration_s"] = status, round(chance.gauss(9, 0.6), 3)
            record["reason"] = "; ".join(one["title"] for one in record["findings"])
            yield {
                "name": f"type_specific.vexfs.level1.{scenario}.on_{filesystem}",
                "status": status,
                "fail_reason": record["reason"],
                "time_elapsed": record["duration_s"] + 0.5,
                "tags": {},
                "whiteboard": json.dumps(record),
            }


def _record(scenario: str, filesystem: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "level": 1,
        "scenario": scenario,
        "filesystem": filesystem,
        "configuration": {
            "synthetic": True,
            "guest": "synthetic",
            "kernel": KERNEL,
            "kernel_release": KERNEL_RELEASE,
            "memory_mib": 512,
            "accelerator": "kvm",
            "host": HOST,
        },
        "guests": [{"name": "g1", "mode": "warm", "seconds": 0.2, "reason": "", "end": "running"}],
        "metrics": {},
        "monitoring": [
            {
                "name": "g1",
                "missing": [],
                "samples": {"host": 9, "guest": 9},
                "quantities": {
                    "cpu_percent": {"mean": 55.0, "peak": 92.0},
                    "memory_used_mib": {"mean": 80.0, "peak": 120.0},
                    "qemu_rss_mib": {"mean": 300.0, "peak": 340.0},
                },
            }
        ],
        "unsupported": [],
        "artefacts": [],
        "reproduce": f"avocado run --vt-type qemu vexfs.level1.{scenario}.on_{filesystem}",
    }


def _metric(metric: Measured, slowness: float, chance: random.Random) -> dict[str, Any]:
    host = chance.lognormvariate(0, 0.05)  # what slows the host slows the reference as well
    factor = slowness if metric.better == "lower" else 1 / slowness
    samples, reference = (
        [
            round(metric.value * one * host * chance.lognormvariate(0, metric.spread), 5)
            for _ in range(SAMPLES)
        ]
        for one in (factor, 1.0)
    )
    return {
        "value": _median(samples),
        "unit": metric.unit,
        "better": metric.better,
        "samples": samples,
        "reference": {
            "filesystem": "ext4",
            "value": _median(reference),
            "samples": reference,
            "ratio": round(_median(samples) / _median(reference), 4),
            "ratio_spread_percent": 5.0,
        },
    }


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _findings(
    filesystem: str, scenario: str, when: float, story: Story, chance: random.Random
) -> Iterator[dict[str, Any]]:
    lucky = chance.random()
    if (filesystem, scenario) == ("vexfs", "metadata") and when < story.fixed_at:
        yield _finding("KASAN: slab-use-after-free in vexfs_lookup", "memory", "critical")
    if (filesystem, scenario) == ("vexfs", "persistence") and when >= story.broken_at:
        yield _finding("a file's content differs after a remount", "data-loss", "error")
    if (filesystem, scenario) == ("xfs", "space") and lucky < story.flaky:
        yield _finding("statfs shows fewer free blocks after all was removed", "space", "error")


def _finding(title: str, kind: str, severity: str) -> dict[str, Any]:
    return {
        "title": title,
        "kind": kind,
        "frame": None,
        "severity": severity,
        "confidence": 1.0,
        "expected": False,
        "known": False,
        "count": 1,
        "evidence": [{"source": "synthetic", "text": "made up for the demo", "offset": None}],
        "recommendation": "none: this never happened",
    }
