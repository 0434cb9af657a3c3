"""Which lines of a module a test has run, on a kernel that can count them.

Skipped where the debug kernel is not in the cache: ``make test-debug`` compiles it.
"""

import json

import pytest
from planted import SOURCE, run_planted

from vexfs_provider.errors import UsageError
from vexfs_provider.guest.kernel import find_kernel, get_kernel
from vexfs_provider.guest.module import build_module
from vexfs_provider.progress import Progress
from vexfs_provider.runner import coverage
from vexfs_provider.scenarios import mount
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.store import Store

pytestmark = pytest.mark.usefixtures("runtime")

KERNEL = "debug"
FOLDER, NEVER = "planted_mkdir", "search_vectors"
TIMEOUT_S = 60.0


@pytest.fixture
def counting():
    """The planted module, built for coverage, as the newest one for the debug kernel."""
    store, progress = Store(), Progress()
    if find_kernel(KERNEL, store) is None:
        pytest.skip(f"kernel {KERNEL!r} is not in the cache; make test-debug compiles it")
    kernel = get_kernel(KERNEL, store=store, progress=progress)
    given = {"kernel": kernel, "store": store, "progress": progress}
    return build_module("vexfs_planted", SOURCE, coverage=True, **given)


def make_folder(bench: Bench) -> None:
    bench.mount()
    command = ["mkdir", f"{bench.mountpoint}/folder"]
    assert bench.guest.run(command, timeout_s=TIMEOUT_S).ok


def folder_in_the_first_guest(bench: Bench) -> None:
    make_folder(bench)
    bench.restart()
    bench.mount()


def crash_after_a_folder(bench: Bench) -> None:
    make_folder(bench)
    bench.guest.sysrq("c")
    bench.guest.run(["true"], timeout_s=TIMEOUT_S)


def run(scenario, folder, **values):
    values = {"coverage": "lines", "guest_kernel": KERNEL, **values}
    return run_planted(scenario, folder, "none", **values)


def lines_of(function, folder):
    """The runs of the function, and of the lines of its body by their text."""
    document = json.loads((folder / "job" / coverage.LINES_FILE).read_text())
    [(path, found)] = document["files"].items()
    text = (SOURCE / path).read_text().splitlines()
    start = next(n for n, line in enumerate(text) if f" {function}(" in line and "{" not in line)
    end = next(n for n in range(start, len(text)) if text[n] == "}")
    counts = {int(line): count for line, count in found["lines"].items()}
    return found["functions"][function], [counts.get(n + 1) for n in range(start, end)]


@pytest.mark.parametrize(
    ("scenario", "made"), [(mount.cycle, False), (folder_in_the_first_guest, True)]
)
def test_a_line_is_covered_if_some_guest_has_run_it(counting, tmp_path, scenario, made):
    record = run(scenario, tmp_path, mount_cycles="2")
    assert record.status == "PASS", record.reason
    runs, lines = lines_of(FOLDER, tmp_path)
    assert bool(runs) is made
    assert bool(any(lines)) is made
    assert lines_of("planted_init", tmp_path)[0]
    summary = record.line_coverage
    assert 0 < summary["covered"] < summary["lines"]
    assert (FOLDER in summary["uncovered"]) is not made
    assert NEVER in summary["uncovered"]
    assert summary["limits"] == []
    assert {coverage.LINES_FILE, coverage.LCOV_FILE} <= set(record.artefacts)


def test_what_a_crash_took_with_it_is_told(counting, tmp_path):
    record = run(crash_after_a_folder, tmp_path)
    assert record.status == "FAIL"
    [limit] = record.line_coverage["limits"]
    assert limit.startswith("a guest took with it the lines that it ran last: ")


def test_a_module_that_counts_nothing_is_cancelled(tmp_path):
    record = run_planted(mount.cycle, tmp_path, "none", coverage="lines")
    assert record.status == "CANCEL"
    assert "counts no lines; run: avocado vexfs module build --name vexfs_planted" in record.reason


def test_what_belongs_to_the_kernel_is_cancelled(perform):
    record = perform(mount.cycle, "ext4", coverage="lines").record
    assert record.status == "CANCEL"
    assert "ext4 is no module of its own source" in record.reason


def test_a_stock_kernel_is_refused(tmp_path):
    store, progress = Store(), Progress()
    kernel = get_kernel("6.1", store=store, progress=progress)
    given = {"kernel": kernel, "store": store, "progress": progress}
    with pytest.raises(UsageError, match="lacks CONFIG_GCOV_KERNEL"):
        build_module("vexfs_planted", SOURCE, coverage=True, **given)
