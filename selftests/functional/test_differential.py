"""Lists of operations on real filesystems beside references: none differs from itself, bugs do."""

from collections.abc import Sequence
from functools import partial

import pytest
from mutants import list_mutants
from mutants.guest import FILESYSTEM
from mutants.subjects import Subject
from scenario_runs import run_scenario

from vexfs_provider.ops.generate import random_list
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.text import load, read_line
from vexfs_provider.record import Record
from vexfs_provider.scenarios import differential
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.differential import Replay
from vexfs_provider.scenarios.hunt import Hunt

LISTS, LENGTH = 40, 500  # 20,000 operations
TWO_DISKS = {"test_images": "test reference"}


def hunt(bench: Bench, *, lists: int, reference: str) -> None:
    one = Hunt(bench, [reference])
    capabilities = one.comparison.find_capabilities()
    one.round([random_list(seed, LENGTH, capabilities) for seed in range(lists)])
    one.report()


@pytest.mark.parametrize("filesystem", ["ext4", "xfs", "btrfs"])
def test_a_filesystem_does_not_differ_from_itself(perform, filesystem):
    def against_itself(bench: Bench) -> None:
        hunt(bench, lists=LISTS, reference=filesystem)

    record = perform(against_itself, filesystem, **TWO_DISKS, scenario_timeout="1800").record
    assert [finding.title for finding in record.findings] == []
    assert record.status == "PASS"
    assert record.metrics["differential_operations"].value == LISTS * LENGTH


@pytest.mark.parametrize(
    ("filesystem", "reference"), [("ext4", "xfs"), ("xfs", "ext4"), ("btrfs", "ext4,xfs")]
)
def test_sound_filesystems_differ_only_as_they_may(perform, filesystem, reference):
    disks = " ".join(["test", *(f"reference{n}" for n, _ in enumerate(reference.split(",")))])
    record = perform(differential.short, filesystem, reference=reference, test_images=disks).record
    assert [finding.title for finding in record.findings] == []
    assert record.status == "PASS"
    assert record.metrics["differential_lists"].value > 200
    assert record.metrics["operations_per_sec"].value > 0


def operations(*lines: str) -> OpList:
    found = [read_line(line) for line in lines]
    return OpList("planted", tuple(one for one in found if one is not None))


BEFORE = ("mkdir A 0755", "create A/f 0644", "write A/f 0 10000 1", "create g 0644")
NO_SUCH_ATTRIBUTE, RENAME = "setxattr A/f a 1 1 REPLACE", "rename g h PLAIN"
AFTER = ("read A/f 0 100", "unlink g", "readdir A")


def run_on_mutant(folder, name: str, lists: Sequence[OpList], *, reference: str = "ext4") -> Record:
    [mutant] = [one for one in list_mutants() if one.name == name]
    subject = Subject(FILESYSTEM, mutant)
    subject.write_profile(folder)

    def scenario(bench: Bench) -> None:
        subject.equip(bench)
        one = Hunt(bench, [reference])
        one.round(lists)
        one.report()

    values = {"type": "differential", "filesystem": FILESYSTEM, **TWO_DISKS}
    return run_scenario(scenario, folder / "job", folder, **values)


@pytest.mark.parametrize(
    ("mutant", "line", "title"),
    [
        ("last_byte_dropped", "append A/f 100 2", "write: a file has another size"),
        ("truncate_to_nothing_ignored", "truncate A/f 0", "truncate: a file has another size"),
        ("mkdir_ignores_the_mode", "mkdir B 0700", "mkdir: a folder has another mode"),
        ("writes_keep_the_mtime", "write A/f 0 10 2", "write: a file has another mtime"),
        ("attribute_flags_ignored", NO_SUCH_ATTRIBUTE, "setxattr: success instead of ENODATA"),
        ("rename_leaves_the_old_name", RENAME, "rename: a file is there that should not be"),
        ("modes_reset_after_unmount", "chmod g 0600", "after a remount a file has another mode"),
    ],
)
def test_a_planted_bug_is_found_by_its_name(tmp_path, mutant, line, title):
    record = run_on_mutant(tmp_path, mutant, [operations(*BEFORE, line, *AFTER)])
    assert record.status == "FAIL", record.reason
    assert f"differential: {title}" in [finding.title for finding in record.findings]
    [path] = (tmp_path / "job" / "repro").glob(
        f"*{title.split(': ')[-1].replace(' ', '-').lower()}*"
    )
    found = load(path)
    assert found.facts["title"] == f"differential: {title}"
    assert found.facts["reference"] == "ext4"
    if "remount" not in title:
        whole = operations(*BEFORE, line, *AFTER).operations  # what comes before may show it too
        assert found.operations == whole[: len(found.operations)]
        assert found.operations[-1].keyword == title.partition(":")[0]


@pytest.mark.parametrize(
    ("mutant", "title"),
    [
        ("rename_never_returns", "hang: "),
        ("rename_kills_the_daemon", "differential: rename: ECONNABORTED instead of success"),
    ],
)
def test_a_list_that_stops_the_filesystem_is_left_out_and_named(tmp_path, mutant, title):
    good = [OpList(f"good{n}", operations(*BEFORE, *AFTER).operations) for n in range(3)]
    bad = operations(*BEFORE, RENAME, *AFTER)
    record = run_on_mutant(tmp_path, mutant, [*good[:1], bad, *good[1:]])
    assert record.status == "FAIL", record.reason
    [finding] = record.findings
    assert finding.title.startswith(title)
    assert RENAME in "".join(piece.text for piece in finding.evidence)
    [path] = (tmp_path / "job" / "repro").iterdir()
    assert load(path).operations == operations(*BEFORE, RENAME).operations
    assert record.metrics["differential_lists"].value >= 3


def test_a_replay_shows_the_finding_and_the_reference_does_not(perform, tmp_path):
    replay = Replay(operations(*BEFORE, "rename g A/f NOREPLACE").operations, ("xfs",))
    record = perform(replay_of(replay), "ext4", **TWO_DISKS).record
    assert record.status == "PASS", record.reason
    assert replay.divergences == []


def replay_of(replay: Replay):
    scenario = partial(replay)
    scenario.__name__ = "replay"  # type: ignore[attr-defined]
    return scenario
