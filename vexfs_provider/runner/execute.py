"""Run one scenario on a fresh guest, from configuration to record; knows nothing of Avocado."""

import time
from dataclasses import asdict, replace
from typing import Any

from vexfs_provider.detection import Finding, Verdict, verdict
from vexfs_provider.errors import ModuleNotBuilt, NotApplicable, UsageError, VexfsError
from vexfs_provider.events import LOGGER, EventLog
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.profile import Kind, Profile
from vexfs_provider.guest.accelerator import resolve_accelerator
from vexfs_provider.guest.kernel import Kernel, get_kernel, require_kernel
from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.isolation.runs import Run, running
from vexfs_provider.logs import LOG, json_log
from vexfs_provider.params import TestConfig
from vexfs_provider.progress import Progress
from vexfs_provider.record import Record
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.runner.lists import save_lists
from vexfs_provider.runner.lock_trace import traced_locks
from vexfs_provider.runner.session import Session
from vexfs_provider.runner.usage import add_usage
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store


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
    with json_log(job.folder / LOG, events, config.test_name):
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
            LOGGER.exception("the test could not be done")
        finally:
            record.duration_s = time.monotonic() - started
            events.add("end", status=record.status, reason=record.reason)
            events.close()
    record.artefacts = list_artefacts(job)
    return record


def list_artefacts(job: Job) -> list[str]:
    """The files in the job's folder, relative to it."""
    files = (path for path in job.folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(job.folder)) for path in files)


def _run(job: Job, run: Run, record: Record, events: EventLog, host: Host) -> None:
    profile = get_profile(job.config.filesystem, host.settings.profile_folders)
    if job.precondition is not None:
        job.precondition(profile, **job.arguments)
    require_kernel(job.config.guest.kernel, host.store)
    kernel = get_kernel(job.config.guest.kernel, store=host.store, progress=host.progress)
    spec = _complete(job.config, profile, kernel, host)
    record.configuration = describe(spec, kernel)
    events.add("start", run=run.id, **record.configuration)
    bench = Bench(profile, record, events)
    bench.kernel_config = kernel.config.read_text()
    session = Session(job, run, host, spec, bench)
    try:
        session.start()
        _use(session, bench, job, host.store)
    finally:
        session.close()
        session.report()
        add_usage(record)
        save_lists(job.folder, bench.lists, job.config, bench.references)


def _use(session: Session, bench: Bench, job: Job, store: Store) -> None:
    """Run the scenario, then the closing checks; what goes wrong becomes findings."""
    try:
        session.load()
        with traced_locks(bench, job, store):
            job.scenario(bench, **job.arguments)
            bench.finish()
    except NotApplicable:
        raise
    except (VexfsError, OSError) as error:
        session.end(error)
    else:
        session.end()


def _complete(config: TestConfig, profile: Profile, kernel: Kernel, host: Host) -> GuestSpec:
    """The guest's specification with what only this host and this filesystem can tell."""
    missing = profile.missing_config(kernel.config.read_text())
    if missing:
        lacks = ", ".join(missing)
        raise NotApplicable(f"kernel {kernel.name} lacks {lacks}, which {profile.name} needs")
    # A filesystem in memory takes none; the others are for those it is compared with.
    disks = config.guest.disks[1:] if profile.kind is Kind.MEMORY else config.guest.disks
    for disk in disks[:1]:
        if profile.kind is not Kind.MEMORY and disk.size_mib < profile.min_size_mib:
            least = f"{profile.min_size_mib}M"
            raise UsageError(
                f"parameter image_size_{disk.name} = '{disk.size_mib}M'; "
                f"{profile.name} needs at least {least}"
            )
    accelerator = resolve_accelerator(config.accelerator, store=host.store, progress=host.progress)
    shape = replace(config.guest.shape, accelerator=accelerator).with_memory(kernel.memory_mib)
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


def _reason(findings: list[Finding]) -> str:
    counting = [f for f in findings if not f.expected and verdict([f]) is not Verdict.PASS]
    return "; ".join(f.title for f in counting)
