"""Tests during which the locks of the filesystem's module are traced, if they ask for it."""

import contextlib
from collections.abc import Iterator

from vexfs_provider.detection.races import findings
from vexfs_provider.errors import BuildError, NotApplicable
from vexfs_provider.guest.module import find_module
from vexfs_provider.instrumentation.module_trace import ModuleTrace
from vexfs_provider.params import TestConfig
from vexfs_provider.runner.job import Job
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.store import Store, write_atomically

FILE = "locks.trace"


@contextlib.contextmanager
def traced_locks(bench: Bench, job: Job, store: Store) -> Iterator[None]:
    """Trace what happens within it, if ``trace_locks`` says so; ``FILE`` and findings come of it.

    A guest that is lost takes its trace with it, which the record then says. Raises
    ``NotApplicable`` for a filesystem that is no module of ours, and what ``ModuleTrace`` raises.
    """
    if not job.config.trace_locks:
        yield
        return
    guest = bench.guest
    trace = _prepare(bench, job.config, store)
    with bench.step("trace locks"):
        trace.start()
    yield
    if bench.guest is not guest:
        bench.unsupported("lock trace: the guest was replaced, and the trace is lost with it")
        return
    with bench.step("trace locks"):
        seen = trace.stop()
    write_atomically(job.folder / FILE, seen.in_words())
    for limit in seen.limits:
        bench.unsupported(f"lock trace: {limit}")
    bench.record.findings += findings(seen.events, FILE)


def _prepare(bench: Bench, config: TestConfig, store: Store) -> ModuleTrace:
    module = bench.profile.module
    if module is None or not module.object:
        raise NotApplicable(
            f"parameter trace_locks = 'yes', but {bench.profile.name} is no module that was built "
            "with avocado vexfs module build"
        )
    built = find_module(module.name, bench.guest.kernel_release, store)
    path = built.find_object(module.object) if built else None
    if path is None:  # the filesystem has been loaded, so it was there a moment ago
        raise BuildError(f"module {module.name} or its {module.object} has gone from the cache")
    return ModuleTrace(bench.guest, path.read_bytes(), module.object, config.trace_objects)
