"""Tests that note which code of the filesystem's module they run, if they ask for it."""

import json
from typing import Protocol

from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.profile import Kind, Profile
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.module import build_module, find_module
from vexfs_provider.instrumentation.function_coverage import NEEDS, FunctionCoverage
from vexfs_provider.instrumentation.line_coverage import LineCoverage
from vexfs_provider.paths import data_dir
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.store import write_atomically

FILE = "coverage.json"
LINES_FILE = "coverage-lines.json"
LCOV_FILE = "coverage-lines.info"
HELPER = "vexfs_coverage"


def module_of(profile: Profile) -> str:
    """The module, or the part of the kernel, whose functions count for a filesystem.

    Raises ``NotApplicable`` if it has none of its own.
    """
    if profile.module and profile.module.object:
        return profile.module.kernel_name
    if profile.kind is Kind.KERNEL and profile.load:
        return profile.load[0]
    raise NotApplicable(f"parameter coverage = 'functions', but {profile.name} has no module")


class Coverage(Protocol):
    """Follows what is run in each guest of a test."""

    def before_load(self, kernel_name: str) -> None:
        """Make the guest ready for the load of the filesystem's module.

        Raises ``NotApplicable`` if its kernel cannot, ``BuildError`` if it can but lacks headers.
        """

    def after_load(self) -> None:
        """Learn what is followed. Raises ``NotApplicable`` if nothing can be."""

    def before_stop(self) -> None:
        """The guest is about to be stopped in good order."""

    def collect(self, *, last: bool) -> None:
        """Keep what the guest has run so far; ``last``: its memory is lost after that."""

    def report(self) -> None:
        """Write the artefact and the record's part; nothing if nothing was followed."""


def make_coverage(job: Job, host: Host, bench: Bench) -> Coverage:
    """What the test's parameter ``coverage`` asks for. Raises ``NotApplicable``."""
    match job.config.coverage:
        case "functions":
            return Functions(job, host, bench)
        case "lines":
            return Lines(job, host, bench)
        case _:
            return Nothing()


class Nothing:
    """Nobody wants to know."""

    def before_load(self, kernel_name: str) -> None:
        """Nothing."""

    def after_load(self) -> None:
        """Nothing."""

    def before_stop(self) -> None:
        """Nothing."""

    def collect(self, *, last: bool) -> None:
        """Nothing."""

    def report(self) -> None:
        """Nothing."""


class Functions:
    """The functions that were called, by ftrace; leaves ``FILE``."""

    def __init__(self, job: Job, host: Host, bench: Bench):
        self._job = job
        self._host = host
        self._bench = bench
        self._functions = FunctionCoverage(module_of(bench.profile))

    def before_load(self, kernel_name: str) -> None:
        """Insert the helper that follows the module from its load on."""
        guest, store, progress = self._bench.guest, self._host.store, self._host.progress
        lacks = [need for need in NEEDS if f"{need}=y" not in self._bench.kernel_config]
        if lacks:
            raise NotApplicable(
                f"kernel {guest.kernel_release} lacks {', '.join(lacks)}, "
                "which coverage = 'functions' needs"
            )
        kernel = get_kernel(kernel_name, store=store, progress=progress)
        source = data_dir("deps") / "modules" / "coverage"
        helper = build_module(HELPER, source, kernel=kernel, store=store, progress=progress)
        self._functions.collect(guest)  # a module that is loaded again
        with self._bench.step("coverage"):
            self._functions.insert(guest, helper.objects[0].read_bytes())

    def after_load(self) -> None:
        """Learn what is followed."""
        with self._bench.step("coverage"):
            self._functions.follow(self._bench.guest)

    def before_stop(self) -> None:
        """Keep what was called: a guest that is powered off may take its memory with it."""
        self._functions.collect(self._bench.guest)

    def collect(self, *, last: bool) -> None:
        """Read the notes in the guest's memory."""
        self._functions.collect(self._bench.guest)
        if last:
            self._functions.forget_guest()

    def report(self) -> None:
        """Write ``FILE``."""
        if not self._functions.kernels:
            return
        self._bench.record.coverage = self._functions.summary()
        text = json.dumps(self._functions.to_list(), indent=1)
        write_atomically(self._job.folder / FILE, text + "\n")


class Lines:
    """The lines that were run, by gcov; leaves ``LINES_FILE`` and ``LCOV_FILE``."""

    def __init__(self, job: Job, host: Host, bench: Bench):
        self._job = job
        self._host = host
        self._bench = bench
        self._lines: LineCoverage | None = None
        self._loaded = False
        spec = bench.profile.module
        if spec is None or not spec.object:
            raise NotApplicable(
                f"parameter coverage = 'lines', but {bench.profile.name} is no module of its own "
                "source; coverage = functions counts what belongs to the kernel"
            )
        self._name = spec.name

    def before_load(self, kernel_name: str) -> None:
        """Look for the module that counts."""
        release = self._bench.guest.kernel_release
        if self._lines is not None and self._lines.module.kernel_release == release:
            return
        module = find_module(self._name, release, self._host.store)
        if module is None:
            return  # the load says so, with the command that builds it
        if self._lines is not None:
            raise NotApplicable("coverage = 'lines' is for one kernel; this test takes another")
        self._lines = LineCoverage(module, kernel_name)

    def after_load(self) -> None:
        """From now on there is something to collect."""
        self._loaded = True

    def before_stop(self) -> None:
        """Collect while there is somebody to ask; what the stop itself runs is not counted."""
        self.collect(last=True)

    def collect(self, *, last: bool) -> None:
        """Ask the guest for its counts."""
        if self._lines is not None and self._loaded:
            self._lines.collect(self._bench.guest)
            self._loaded = not last

    def report(self) -> None:
        """Write the artefacts."""
        if self._lines is None:
            return
        self._bench.record.line_coverage = self._lines.summary()
        folder, scenario = self._job.folder, self._job.config.scenario
        write_atomically(folder / LINES_FILE, json.dumps(self._lines.to_dict(), indent=1) + "\n")
        write_atomically(folder / LCOV_FILE, self._lines.to_lcov(scenario))
