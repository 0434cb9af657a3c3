"""Run one scenario on a fresh guest, from configuration to record; knows nothing of Avocado."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from vexfs_provider.deadline import Deadline
from vexfs_provider.detection import Finding, Verdict, apply_expectations, merge, scan, verdict
from vexfs_provider.errors import (
    GuestDied,
    ModuleNotBuilt,
    NotApplicable,
    UsageError,
    VexfsError,
)
from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.filesystems.profile import Kind, Profile
from vexfs_provider.guest.accelerator import resolve_accelerator
from vexfs_provider.guest.kernel import Kernel, get_kernel
from vexfs_provider.guest.launch import GuestSpec, start_guest
from vexfs_provider.guest.module import Module, find_module
from vexfs_provider.isolation.runs import Run, running
from vexfs_provider.params import TestConfig
from vexfs_provider.progress import Progress
from vexfs_provider.record import Record
from vexfs_provider.runner.failures import collect_stacks, explain, finding_of_end
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store

NEEDS_STACKS = ("hang", "agent-lost", "test-timeout")

Scenario = Callable[..., None]


@dataclass(frozen=True)
class Host:
    """What a run uses of this host: the user's settings, the store, where progress goes."""

    settings: Settings
    store: Store
    progress: Progress


@dataclass(frozen=True)
class Job:
    """What ``execute`` runs: the scenario, its arguments, its configuration, where logs go."""

    scenario: Scenario
    arguments: dict[str, Any]
    config: TestConfig
    folder: Path
    reproduce: str = ""


def execute(job: Job, *, settings: Settings, store: Store, progress: Progress) -> Record:
    """The record of one test; every failure of scenario, guest or machinery is in it.

    The status is PASS, WARN or FAIL by the findings; CANCEL where the test does not apply;
    ERROR where our machinery failed. Only ``KeyboardInterrupt`` and its like pass through.
    """
    config = job.config
    record = Record(config.level, config.scenario, config.filesystem, reproduce=job.reproduce)
    started = time.monotonic()
    job.folder.mkdir(parents=True, exist_ok=True)
    events = EventLog(job.folder / "events.jsonl")
    host = Host(settings, store, progress)
    try:
        with running() as run:
            _run(job, run, record, events, host)
        record.status = verdict(record.findings).name
        record.reason = _reason(record.findings)
    except NotApplicable as reason:
        required = config.require_module and isinstance(reason, ModuleNotBuilt)
        record.status = "ERROR" if required else "CANCEL"
        record.reason = str(reason)
    except (VexfsError, OSError) as error:
        record.status, record.reason = "ERROR", f"{type(error).__name__}: {error}"
    finally:
        record.duration_s = time.monotonic() - started
        events.add("end", status=record.status)
        events.close()
    record.artefacts = sorted(path.name for path in job.folder.iterdir() if path.is_file())
    return record


def _run(job: Job, run: Run, record: Record, events: EventLog, host: Host) -> None:
    store, progress = host.store, host.progress
    profile = get_profile(job.config.filesystem, host.settings.profile_folders)
    kernel = get_kernel(job.config.guest.kernel, store=store, progress=progress)
    spec = _complete(job.config, profile, kernel, host)
    record.configuration = describe(spec, kernel)
    limit = Deadline(job.config.timeout_s, f"the test ({job.config.scenario})")
    events.add("start", run=run.id, **record.configuration)
    guest, start = start_guest(spec, run, job.folder, name="guest", store=store, progress=progress)
    record.configuration["qemu"] = guest.machine.qemu_version()
    with guest:
        events.add("guest", **start.to_dict())
        guest.limit = limit
        size = spec.disks[0].size_mib if spec.disks else None
        filesystem = Filesystem(profile, guest, size_mib=size)
        device = guest.disk_path(spec.disks[0].name) if spec.disks else ""
        bench = Bench(guest, filesystem, device, record, events)
        try:
            _use(bench, job, partial(find_module, release=kernel.release, store=store))
        finally:
            end = guest.close()
            record.guests.append({"name": "guest", **start.to_dict(), "end": end.value})


def _complete(config: TestConfig, profile: Profile, kernel: Kernel, host: Host) -> GuestSpec:
    """The guest's specification with what only this host and this filesystem can tell."""
    missing = profile.missing_config(kernel.config.read_text())
    if missing:
        lacks = ", ".join(missing)
        raise NotApplicable(f"kernel {kernel.name} lacks {lacks}, which {profile.name} needs")
    disks = config.guest.disks
    for disk in disks[:1]:
        if profile.kind is not Kind.MEMORY and disk.size_mib < profile.min_size_mib:
            least = f"{profile.min_size_mib}M"
            raise UsageError(
                f"parameter image_size_{disk.name} = '{disk.size_mib}M'; "
                f"{profile.name} needs at least {least}"
            )
    if profile.kind is Kind.MEMORY:
        disks = ()
    accelerator = resolve_accelerator(config.accelerator, store=host.store, progress=host.progress)
    shape = replace(config.guest.shape, accelerator=accelerator)
    return replace(config.guest, shape=shape, disks=disks, recipes=host.settings.recipe_folder)


def describe(spec: GuestSpec, kernel: Kernel) -> dict[str, Any]:
    """What is tested on what, as JSON values for the record."""
    disks = [
        {name: value for name, value in asdict(disk).items() if name != "path"}
        for disk in spec.disks
    ]
    return {
        "guest": spec.recipe,
        "kernel": kernel.name,
        "kernel_release": kernel.release,
        "accelerator": spec.shape.accelerator,
        "machine": spec.shape.machine,
        "cpus": spec.shape.smp,
        "memory_mib": spec.shape.memory_mib,
        "disks": disks,
    }


def _use(bench: Bench, job: Job, lookup: Callable[[str], Module | None]) -> None:
    """Run the scenario, then the closing checks; turn what goes wrong into findings."""
    death = None
    try:
        bench.filesystem.load(lookup)
        job.scenario(bench, **job.arguments)
        bench.finish()
    except NotApplicable:
        raise
    except GuestDied as error:
        death = error
    except (VexfsError, OSError) as error:
        end_of_scan = bench.guest.console_log.stat().st_size
        finding = explain(error, bench)
        if finding is None:
            raise
        bench.record.findings.append(finding)
        if finding.kind in NEEDS_STACKS:
            collect_stacks(bench.guest)
        _read_console(bench, end_of_scan)
        return
    _read_console(bench)
    if death is not None:
        _note_death(death, bench)


def _read_console(bench: Bench, end: int | None = None) -> None:
    """Add what the kernel reported; ``end`` leaves out the task dumps that we asked for."""
    console = bench.guest.console_log.read_bytes()[:end]
    found = scan(console, start=bench.guest.console_start)
    findings = apply_expectations([*bench.record.findings, *found], bench.expectations)
    bench.record.findings[:] = merge(findings)


def _note_death(death: GuestDied, bench: Bench) -> None:
    reported = any(finding.kind == "panic" for finding in bench.record.findings)
    finding = finding_of_end(death, bench.guest, reported=reported)
    if finding is not None:
        bench.record.findings.append(finding)
    elif not reported:
        raise death


def _reason(findings: list[Finding]) -> str:
    counting = [f for f in findings if not f.expected and verdict([f]) is not Verdict.PASS]
    return "; ".join(f.title for f in counting)
