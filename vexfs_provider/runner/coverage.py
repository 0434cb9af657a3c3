"""Tests that note which functions of the filesystem's module they call, if they ask for it."""

import json

from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.profile import Kind, Profile
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.module import build_module
from vexfs_provider.instrumentation.function_coverage import NEEDS, FunctionCoverage
from vexfs_provider.paths import data_dir
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.store import write_atomically

FILE = "coverage.json"
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


class Coverage:
    """Follows the functions in each guest of a test, and leaves ``FILE`` and the record's part."""

    def __init__(self, job: Job, host: Host, bench: Bench):
        self._job = job
        self._host = host
        self._bench = bench
        wanted = job.config.coverage == "functions"
        self._functions = FunctionCoverage(module_of(bench.profile)) if wanted else None

    def before_load(self, kernel_name: str) -> None:
        """Make the guest ready for the load of the filesystem's module.

        Raises ``NotApplicable`` if its kernel cannot, ``BuildError`` if it can but lacks headers.
        """
        if self._functions is None:
            return
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
        """Learn what is followed. Raises ``NotApplicable`` if nothing can be."""
        if self._functions is not None:
            with self._bench.step("coverage"):
                self._functions.follow(self._bench.guest)

    def collect(self, *, last: bool) -> None:
        """Keep what the guest has called so far; ``last``: its memory is lost after that."""
        if self._functions is None:
            return
        self._functions.collect(self._bench.guest)
        if last:
            self._functions.forget_guest()

    def report(self) -> None:
        """Write the artefact and the record's part; does nothing if no function was followed."""
        if self._functions is None or not self._functions.kernels:
            return
        self._bench.record.coverage = self._functions.summary()
        text = json.dumps(self._functions.to_list(), indent=1)
        write_atomically(self._job.folder / FILE, text + "\n")
