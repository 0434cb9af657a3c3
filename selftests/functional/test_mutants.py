"""Each check of level 1 is seen to fail once: on a filesystem with a bug that it is there to find.

The control: without a bug, that filesystem passes level 1. Guests run side by side, and what they
gave is looked at test by test.
"""

import ast
import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest
from mutants import list_mutants
from mutants.hunts import (
    ABSENT,
    LISTS,
    PARTS,
    Titles,
    all_bugs,
    everyone,
    hunt,
    killers,
    launch,
    list_with,
    name_of,
    on_the_other_mount,
    unharmed,
)

from vexfs_provider.paths import data_dir
from vexfs_provider.record import Record

VECTOR_CHECKS = (
    "an_equal_vector_comes_first",
    "bad_requests_are_refused",
    "dimensions_do_not_mix",
    "files_keep_their_own_vectors",
    "k_bounds_the_results",
    "labels_come_back",
    "nearest_vectors_are_found",
    "vectors_outlive_a_remount",
)

BY_OTHER_MEANS = {
    ("basic_io", "collapsed_ranges_close_up"): "no FUSE mode; see test_basic_io_checks.py",
    ("basic_io", "inserted_ranges_move_the_rest"): "no FUSE mode; see test_basic_io_checks.py",
    ("posix_errors", "other_mounts"): "the kernel answers; see test_a_folder_on_the_other_mount",
    **{("vector", check): "needs vector ioctls, which FUSE lacks" for check in VECTOR_CHECKS},
}
"""Checks that no mutant reaches, and why."""

OF_LEVEL_2 = ("mount_", "many_")
"""Guest modules whose faults are in test_planted_mounts.py."""

WORKERS = 2


@pytest.fixture(scope="module")
def titles() -> dict[str, Titles]:
    """Scenario -> what ``hunt`` has found; complete once its job is done."""
    return {name: {} for name in (*map(name_of, LISTS), "other_mount")}


@pytest.fixture(scope="module")
def jobs(
    titles: dict[str, Titles], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Record]]]:
    """All jobs, the long ones first."""
    scenarios = {f"hunt_{name_of(m)}": partial(hunt, m, titles[name_of(m)]) for m in LISTS}
    scenarios |= {f"control_{name_of(m)}": partial(unharmed, m) for m in (*LISTS, *PARTS)}
    scenarios |= {f"all_bugs_{name_of(m)}": partial(all_bugs, m) for m in PARTS}
    scenarios |= {
        "hang": partial(list_with, "rename_never_returns"),
        "crash": partial(list_with, "rename_kills_the_daemon"),
        "other_mount": partial(on_the_other_mount, titles["other_mount"]),
    }
    folder = tmp_path_factory.mktemp("mutants")
    with (
        tempfile.TemporaryDirectory(prefix="vexfs-", dir="/tmp") as runtime,
        pytest.MonkeyPatch.context() as patch,
        ThreadPoolExecutor(WORKERS) as workers,
    ):
        patch.setenv("XDG_RUNTIME_DIR", runtime)  # short enough for the names of sockets
        started = {
            name: workers.submit(launch, folder, name, one) for name, one in scenarios.items()
        }
        yield started
        for job in started.values():
            job.cancel()


def record_of(jobs: dict[str, Future[Record]], name: str) -> Record:
    record = jobs[name].result()
    assert record.status != "ERROR", record.reason
    return record


def decorated_checks() -> Iterator[tuple[str, str]]:
    """Scenario and name of each function of the guest's code that is a check of level 1."""
    names = (*map(name_of, (*LISTS, *PARTS)), "vector")
    for path in (data_dir("deps") / "guest" / "code").glob("*.py"):
        if path.stem.startswith(OF_LEVEL_2):
            continue
        for node in ast.parse(path.read_text()).body:
            decorators = getattr(node, "decorator_list", [])
            if any(isinstance(one, ast.Name) and one.id == "check" for one in decorators):
                yield next(name for name in names if path.stem.startswith(name)), node.name


def test_every_check_has_its_mutant_or_a_reason():
    hunted = {(s, check) for one in list_mutants() for s in one.kills for check in one.kills[s]}
    known = hunted | BY_OTHER_MEANS.keys()
    assert [check for check in decorated_checks() if check not in known] == []
    assert not hunted & BY_OTHER_MEANS.keys()


@pytest.mark.parametrize("scenario", [name_of(module) for module in (*LISTS, *PARTS)])
def test_control(jobs, scenario):
    record = record_of(jobs, f"control_{scenario}")
    assert (record.status, [finding.title for finding in record.findings]) == ("PASS", [])


@pytest.mark.parametrize(
    ("scenario", "check"),
    [(name_of(module), check) for module in LISTS for check in killers(name_of(module))],
)
def test_check_finds_its_mutant(jobs, titles, scenario, check):
    record = record_of(jobs, f"hunt_{scenario}")
    mutant = killers(scenario)[check]
    found = titles[scenario][check]
    pattern = mutant.pattern(scenario, check)
    assert any(re.search(pattern, title) for title in found), f"{mutant.name} gives {found}"
    assert record.status == "PASS", record.reason  # nothing that was not planted


@pytest.mark.parametrize(
    ("scenario", "mutant", "check"),
    [
        (name_of(module), mutant.name, check)
        for module in PARTS
        for mutant in everyone(name_of(module))
        for check in mutant.kills[name_of(module)]
    ],
)
def test_scenario_finds_its_mutants(jobs, scenario, mutant, check):
    found = [finding.title for finding in record_of(jobs, f"all_bugs_{scenario}").findings]
    [planted] = [one for one in list_mutants() if one.name == mutant]
    assert any(re.search(planted.pattern(scenario, check), title) for title in found), found


def test_a_profile_that_claims_too_much(jobs):
    found = [finding.title for finding in record_of(jobs, "all_bugs_capabilities").findings]
    for name in ABSENT:
        assert f"claimed but absent: {name}" in found


def test_a_folder_on_the_other_mount(jobs, titles):
    record_of(jobs, "other_mount")
    assert "other_mounts: rename a file to another mount" in titles["other_mount"]["other_mounts"]


def test_an_operation_that_never_returns_costs_its_guest_only(jobs):
    record = record_of(jobs, "hang")
    [finding] = record.findings
    assert (record.status, finding.kind) == ("FAIL", "hang")
    [planted] = everyone("hang")
    assert re.search(planted.pattern("hang", "hang"), finding.title)
    assert "fuse" in finding.evidence[0].text
    assert len(record.guests) == 2


def test_a_daemon_that_dies_fails_every_check(jobs):
    record = record_of(jobs, "crash")
    found = [finding.title for finding in record.findings]
    [planted] = everyone("crash")
    assert re.search(planted.pattern("crash", "rename_gives_a_file_another_name"), found[0])
    assert any(title.startswith("chmod_sets_all_mode_bits: unexpected ENOTCONN") for title in found)
