"""The whole corpus: what is planned for which kernels, and where it is kept."""

import random
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.corpus.build import Summary, write_corpus
from vexfs_provider.corpus.plan import benign_tasks, crash_tasks
from vexfs_provider.corpus.recording import Recorder
from vexfs_provider.guest.accelerator import resolve_accelerator
from vexfs_provider.guest.kernel import Kernel, find_kernel, get_kernel, list_kernels
from vexfs_provider.guest.module import build_module
from vexfs_provider.isolation.runs import running
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

KERNELS = ("6.1", "6.12", "6.12-generic")
DEBUG_KERNELS = ("debug", "debug-kcsan")
"""Not built when they are missing, as those above are: each takes half an hour."""
COUNT_BENIGN = 250


@dataclass(frozen=True)
class Plan:
    """What to build: names of kernels, how many logs without a crash, the seed of all choices.

    ``with_debug``: also what is reported by those debug kernels that are built.
    """

    kernels: tuple[str, ...] = KERNELS
    count_benign: int = COUNT_BENIGN
    seed: int = 1
    with_debug: bool = True


def default_folder(plan: Plan, store: Store) -> Path:
    """Named after everything that shapes the corpus but the kernels' packages."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    sources += sorted(path for path in module_source().iterdir() if path.is_file())
    key = content_key(list(plan.kernels), plan.count_benign, plan.seed, *sources)
    return store.root / "corpus" / key


def build_corpus(plan: Plan, folder: Path, *, store: Store, progress: Progress) -> Summary:
    """Build what guests need, run them all, fill ``folder``; see ``write_corpus``."""
    accelerator = resolve_accelerator("auto", store=store, progress=progress)
    kernels = [get_kernel(name, store=store, progress=progress) for name in plan.kernels]
    absent = []
    if plan.with_debug:
        found = {name: find_debug_kernel(name, store) for name in DEBUG_KERNELS}
        kernels += [kernel for kernel in found.values() if kernel]
        absent = [name for name, kernel in found.items() if kernel is None]
    modules = {
        kernel.name: build_crash_module(kernel, store=store, progress=progress)
        for kernel in kernels
    }
    dice = random.Random(plan.seed)
    tasks = [*crash_tasks(kernels), *benign_tasks(kernels, plan.count_benign, dice)]
    with running() as run:
        recorder = Recorder(run, modules, accelerator, store)
        summary = write_corpus(folder, tasks, recorder.record, dice, progress)
    summary.missed += [
        f"the kinds of kernel {name} are left out, it is not built; run: "
        f"avocado vexfs guest build --kernel {name}"
        for name in absent
    ]
    return summary


def find_debug_kernel(name: str, store: Store) -> Kernel | None:
    """The kernel if it is built; None too where there is no recipe for it."""
    return find_kernel(name, store) if name in list_kernels() else None


def module_source() -> Path:
    """The folder of the module that goes wrong."""
    return data_dir("deps") / "modules" / "crash"


def build_crash_module(kernel: Kernel, *, store: Store, progress: Progress) -> Path:
    """The module's object for a kernel, built if it is missing."""
    built = build_module(
        "vexfs_crash", module_source(), kernel=kernel, store=store, progress=progress
    )
    return built.objects[0]
