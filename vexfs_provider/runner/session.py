"""The guests of one test, one after another: started fresh, used, and read when they end."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from vexfs_provider import tracing
from vexfs_provider.deadline import Deadline
from vexfs_provider.detection import (
    Evidence,
    Finding,
    Verdict,
    apply_expectations,
    mark_follow_ups,
    merge,
    scan,
    verdict,
)
from vexfs_provider.detection.console import line_end
from vexfs_provider.errors import GuestDied, UsageError
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.filesystems.profile import Kind
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.guest.disks import image_path
from vexfs_provider.guest.guest import STEP_NOTE
from vexfs_provider.guest.kernel import get_kernel, require_kernel
from vexfs_provider.guest.launch import GuestSpec, GuestStart, start_guest
from vexfs_provider.guest.machine import State
from vexfs_provider.guest.module import find_module
from vexfs_provider.isolation.runs import Run
from vexfs_provider.monitoring.channel import unplug_port
from vexfs_provider.monitoring.monitor import Monitor
from vexfs_provider.monitoring.noise import describe_host
from vexfs_provider.runner.coverage import make_coverage
from vexfs_provider.runner.failures import collect_stacks, explain, finding_of_end
from vexfs_provider.runner.instruments import Instruments
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.runner.panic_dump import attach, keep_dump
from vexfs_provider.runner.timelines import Timelines
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.guest_keeper import no_samples

SAMPLES = "samples.jsonl"
NEEDS_STACKS = ("hang", "agent-lost", "test-timeout")


class Session:
    """Starts a guest for the bench; ends it and turns what happened into findings.

    The first guest logs into the test's folder, each later one into ``guest-N`` below it.
    """

    def __init__(self, job: Job, run: Run, host: Host, spec: GuestSpec, bench: Bench):
        self._job = job
        self._run = run
        self._host = host
        self._spec = self._own_spec = spec
        self._bench = bench
        self._limit = Deadline(job.config.timeout_s, f"the test ({job.config.scenario})")
        self._start: GuestStart | None = None
        self._monitor: Monitor | None = None
        self._coverage = make_coverage(job, host, bench)
        samples, events = job.folder / SAMPLES, bench.events.path
        self._timelines = Timelines(job.folder, bench.record, events=events, samples=samples)
        self._instruments = Instruments(job.config.instruments, bench)
        bench.load = self.load
        bench.neighbour = self.neighbour
        bench.recover = self.recover
        bench.restart = self.restart
        bench.renew = self.renew
        bench.transition = self.transition

    def start(self, *, keep_disks: bool = False) -> None:
        """A fresh guest at the bench; ``load`` is next.

        Its disks are empty, or with ``keep_disks`` those of the guest before.
        """
        bench, host = self._bench, self._host
        spec = self._with_old_images() if keep_disks else self._spec
        number = len(bench.record.guests) + 1
        folder = self._job.folder if number == 1 else self._job.folder / f"guest-{number}"
        with tracing.span("guest start", **{"vexfs.guest": number}) as span:
            bench.guest, self._start = start_guest(
                spec, self._run, folder, name=f"g{number}", store=host.store, progress=host.progress
            )
            span.set(**tracing.as_attributes(self._start.to_dict(), "vexfs.guest."))
        bench.events.add("guest", number=number, **self._start.to_dict())
        bench.guest.limit = self._limit
        self._watch(f"g{number}")
        machine, configuration = bench.guest.machine, bench.record.configuration
        configuration.setdefault("qemu", machine.qemu_version())
        if number == 1:
            configuration["host"] = describe_host(machine.pid)
        self._place_filesystem()
        bench.reset(keep_disks=keep_disks)

    def _place_filesystem(self) -> None:
        bench = self._bench
        own = self._spec.disks[: self._own_disks]
        size = own[0].size_mib if own else None
        bench.device = bench.guest.disk_path(own[0].name) if own else ""
        bench.filesystem = Filesystem(bench.profile, bench.guest, size_mib=size)

    def renew(self, change: Callable[[GuestSpec], GuestSpec]) -> None:
        """See ``Renew``. What is wrong with the guest that ends is recorded."""
        spec = change(self._own_spec)
        host = self._host
        require_kernel(spec.kernel, host.store)
        kernel = get_kernel(spec.kernel, store=host.store, progress=host.progress)
        self.end()
        self._spec = spec
        self._bench.kernel_config = kernel.config.read_text()
        self.start()
        self.load()

    @contextlib.contextmanager
    def transition(self, *, boots: bool = False) -> Iterator[None]:
        """See ``Transition``. The samples of the guest have a gap meanwhile."""
        name = f"g{len(self._bench.record.guests) + 1}"
        self._coverage.collect(last=boots)
        if self._unwatch():
            unplug_port(self._bench.guest.machine)
        self._bench.events.add("transition", boots=boots)
        yield
        self._bench.events.add("transition ended", boots=boots)
        if boots:
            self._instruments.lost("the guest has booted")
            self._bench.forget_mount()
            self._place_filesystem()
            self.load()
        self._watch(name)

    def _watch(self, name: str) -> None:
        """Take samples of the guest until it ends, if the test wants them."""
        interval_s = self._job.config.monitor_interval_s
        if interval_s:
            path = self._job.folder / SAMPLES
            self._monitor = Monitor(self._bench.guest, name, path, interval_s)
            self._bench.samples = self._monitor.samples

    def load(self) -> None:
        """Load the filesystem's code into the guest: it may already be what fails.

        The test's instruments are started behind it.
        """
        self._coverage.before_load(self._spec.kernel)
        with self._bench.step("load"):
            self._bench.filesystem.load(self._module_lookup())
        self._coverage.after_load()
        self._instruments.loaded()

    def neighbour(self, name: str, number: int) -> tuple[Filesystem, str]:
        """See ``Bench.neighbour``. Raises ``UsageError`` if there is no such disk or profile."""
        profile = get_profile(name, self._host.settings.profile_folders)
        spare = self._spec.disks[self._own_disks :]
        if number >= len(spare):
            images = " ".join(disk.name for disk in self._spec.disks)
            raise UsageError(
                f"parameter test_images = {images!r}; {name}, which is compared with, "
                f"needs a disk of its own: name one more"
            )
        disk = spare[number]
        if disk.size_mib < profile.min_size_mib:
            raise UsageError(
                f"parameter image_size_{disk.name} = '{disk.size_mib}M'; "
                f"{name} needs at least {profile.min_size_mib}M"
            )
        filesystem = Filesystem(profile, self._bench.guest, size_mib=disk.size_mib)
        filesystem.load(self._module_lookup())
        return filesystem, self._bench.guest.disk_path(disk.name)

    @property
    def _own_disks(self) -> int:
        """How many of the disks are the tested filesystem's; the others are spare."""
        return 0 if self._bench.profile.kind is Kind.MEMORY else 1

    def _module_lookup(self) -> Callable:
        release = self._bench.guest.kernel_release
        return partial(find_module, release=release, store=self._host.store)

    def _with_old_images(self) -> GuestSpec:
        folder = self._run.scratch
        disks = [replace(d, path=d.path or image_path(d, folder)) for d in self._spec.disks]
        return replace(self._spec, disks=tuple(disks))

    def restart(self, stop: Callable[[], object] | None = None) -> None:
        """See ``Restart``. What the console of the guest that ends says is recorded."""
        self._coverage.before_stop()
        self._instruments.finish(self._bench.guest.folder)
        (stop or self._bench.guest.power_off)()
        self.end()
        self.start(keep_disks=True)
        self.load()

    def recover(self, error: Exception | None) -> None:
        """After ``error``, or kernel trouble: note the findings, go on with a fresh guest.

        Raises ``error`` again if it is no matter of the filesystem.
        """
        self.end(error)
        self.start()
        self.load()

    def end(self, error: Exception | None = None) -> None:
        """End the guest and record what ``error`` and its console say.

        Raises ``error`` again if it is no matter of the filesystem.
        """
        bench, ended_s = self._bench, time.time()
        self._instruments.finish(bench.guest.folder, error)
        console_end = bench.guest.console_log.stat().st_size
        own = None
        if error is not None and not isinstance(error, GuestDied):
            own = explain(error, bench)
            if own is not None and own.kind in NEEDS_STACKS:
                collect_stacks(bench.guest)
        dump = self._dump(error)
        self.close()
        # The dumps of task stacks that we asked for are no reports, so reading stops before them.
        limit = console_end if own is not None and own.kind in NEEDS_STACKS else None
        found = self._kernel_findings(limit)
        if own is not None and own.kind == "killed" and verdict(found) is Verdict.FAIL:
            own = None  # the kernel killed it, and says why
        if isinstance(error, GuestDied):
            reported = any(finding.kind == "panic" for finding in found)
            own = finding_of_end(error, bench.guest, reported=reported)
            if own is None and not reported:
                raise error
        elif error is not None and own is None and not _is_explained(error, found):
            raise error
        found = mark_follow_ups([*found, own] if own is not None else found)
        bench.record.findings += attach(dump, found) if dump else found
        bench.record.findings[:] = merge(bench.record.findings)
        self._timelines.add(bench.guest, ended_s)

    def _dump(self, error: Exception | None) -> Evidence | None:
        """The dump of the guest's memory, if it has panicked and the test keeps dumps."""
        panicked = isinstance(error, GuestDied) and error.state == State.PANICKED.value
        if not panicked or not self._job.config.dump_on_panic:
            return None
        with self._host.progress.task("dumping the guest's memory"):
            return keep_dump(self._bench.guest, self._job.folder)

    def close(self) -> None:
        """Stop the guest at once, whatever state it is in; harmless when there is none."""
        if self._start is None:
            return
        self._unwatch()
        self._coverage.collect(last=True)
        with tracing.span("guest end") as span:
            end = self._bench.guest.close()
            span.set(**{"vexfs.guest.end": end.value})
        name = f"g{len(self._bench.record.guests) + 1}"
        entry = {"name": name, **self._start.to_dict(), "end": end.value}
        self._bench.record.guests.append(entry)
        self._start = None

    def report(self) -> None:
        """Record what all guests of the test together have shown, after the last one's end."""
        self._coverage.report()

    def _unwatch(self) -> bool:
        """Take no more samples of the guest; whether it still has the port for its own."""
        monitor, self._monitor = self._monitor, None
        if monitor is not None:
            self._bench.samples = no_samples
            self._bench.record.monitoring.append(monitor.stop())
        return monitor is not None and monitor.sees_guest

    def _kernel_findings(self, end: int | None) -> list[Finding]:
        guest = self._bench.guest
        console = guest.console_log.read_bytes()[:end]
        source = str(guest.console_log.relative_to(self._job.folder))
        found = scan(console, source=source, start=guest.console_start)
        judged = apply_expectations(found, self._bench.expectations)
        return [_with_step(finding, console) for finding in merge(judged)]


def _is_explained(error: Exception, found: list[Finding]) -> bool:
    """Whether the kernel's reports tell why a call ended without an answer: an oops kills it."""
    lost = isinstance(error, AgentError) and error.details.get("type") == "Lost"
    return lost and verdict(found) is Verdict.FAIL


def _with_step(finding: Finding, console: bytes) -> Finding:
    """The finding with the step that was under way, which the guest's log names before it."""
    first = finding.evidence[0] if finding.evidence else None
    if first is None or first.offset is None:
        return finding
    place = console.rfind(STEP_NOTE.encode(), 0, first.offset)
    if place < 0:
        return finding
    step = console[place + len(STEP_NOTE) : line_end(console, place)]
    text = f"operation in flight: {step.decode(errors='replace').strip()}"
    return replace(finding, evidence=(*finding.evidence, Evidence("scenario", text)))
