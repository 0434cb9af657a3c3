"""Each check of mounts, and of many files, is seen to fail once; the tables say on what.

Where a disk or a profile can be at fault, one is: a disk that forgets, a profile that says what is
not true. What only the kernel can do wrong is planted into the calls of the check.
"""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from planted_calls import PlantedCall, not_found, plant
from scenario_runs import run_scenario

from vexfs_provider.filesystems import catalogue
from vexfs_provider.filesystems import mount_options as documented
from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios import (
    many_files,
    mount_devices,
    mount_options,
    mount_trees,
)
from vexfs_provider.scenarios.good_device import GoodDevice
from vexfs_provider.scenarios.mapped import sectors_of

BIND, BUSY, SPREAD = "mount_bind", "mount_busy", "mount_propagation"
OVERLAY, LIMITS, FILES = "mount_overlay", "many_limits", "many_files"
SECOND_DISK = {"test_images": "test reference", "image_size_reference": "512M"}

TREES = (
    PlantedCall(
        BIND,
        "bind_mounts_show_the_same_files",
        "dict(mount=turned(MS_RDONLY, 0))",
        "create in a read-only bind mount",
    ),
    PlantedCall(
        BIND,
        "recursive_bind_takes_what_is_mounted_below",
        "dict(mount=turned(MS_REC, 0))",
        "names below a recursive bind mount",
    ),
    PlantedCall(
        BIND,
        "moved_mounts_keep_their_open_files",
        "dict(mount=turned(MS_MOVE, MS_BIND))",
        "names at the old place",
    ),
    PlantedCall(
        BIND,
        "nested_filesystems_stay_apart",
        "dict(put=lambda path, seed=0, real=put: "
        "(real(path, seed), real(f'{os.path.dirname(os.path.dirname(path))}/in')))",
        "the other filesystem in this one: the outer one lacks the file",
    ),
    PlantedCall(
        SPREAD,
        "shared_mounts_spread_both_ways",
        "dict(mount=turned(MS_SHARED, MS_PRIVATE))",
        "a shared mount: seen from the other namespace",
    ),
    PlantedCall(
        SPREAD,
        "private_mounts_do_not_spread",
        "dict(mount=turned(MS_PRIVATE, MS_SHARED))",
        "a private mount: seen from this namespace",
    ),
    PlantedCall(
        SPREAD,
        "slave_mounts_only_receive",
        "dict(mount=turned(MS_SLAVE, MS_PRIVATE))",
        "a slave mount: seen from the slave",
    ),
    PlantedCall(
        SPREAD,
        "unbindable_mounts_cannot_be_bound",
        "dict(mount=turned(MS_UNBINDABLE, MS_PRIVATE))",
        "bind an unbindable mount",
    ),
    PlantedCall(
        BUSY,
        "busy_mounts_are_not_unmounted",
        "dict(unmount=lambda top, flags=0, real=unmount: real(top, MNT_DETACH))",
        "unmount with an open file",
    ),
    PlantedCall(
        BUSY,
        "detached_mounts_live_until_the_last_close",
        "dict(os=instead(os, pwrite=lambda *_: SIZE))",
        "what was written to a detached mount",
    ),
    PlantedCall(
        BUSY,
        "a_hundred_mounts_at_once",
        "dict(unmount=lambda top, real=unmount: None if top.endswith('top7') else real(top))",
        "mounts left after unmounting all",
    ),
    PlantedCall(
        BUSY,
        "processes_race_for_mounts",
        "dict(read_file=lambda path, real=read_file: real(path)[1:])",
        "content wrong in a race",
    ),
    PlantedCall(
        OVERLAY,
        "overlay_with_it_below",
        "dict(_use=lambda case, how, merged, real=_use: "
        "(real(case, how, merged), os.truncate(case.path('lower', 'kept'), 1)))",
        "the lower layer after it",
    ),
    PlantedCall(
        OVERLAY,
        "overlay_with_it_above",
        "dict(_use=lambda case, how, merged, real=_use: "
        "(real(case, how, merged), os.truncate(case.path('upper', 'moved', 'new'), 1)))",
        "an unchanged file of an overlay, it above, mounted again",
    ),
    PlantedCall(
        OVERLAY,
        "overlay_with_it_in_both_layers",
        "dict(_use=lambda case, how, merged, real=_use: "
        "(real(case, how, merged), os.truncate(case.path('lower', 'changed'), 1)))",
        "a file of the lower layer after it",
    ),
    PlantedCall(
        "mount_idmapped",
        "idmapped_mounts_show_other_owners",
        "dict(idmapped=lambda source, view, shift, real=idmapped: real(source, view, shift + 1))",
        "owner through an idmapped mount",
    ),
    PlantedCall(
        "mount_freeze",
        "frozen_filesystems_keep_writers_waiting",
        "dict(freeze=lambda top: None, thaw=lambda top: None)",
        "records written while frozen",
    ),
    PlantedCall(
        "mount_quota",
        "users_get_what_their_quota_says",
        "dict(_set=lambda *_: None)",
        "writing ends with EDQUOT",
    ),
)
MANY = (
    PlantedCall(
        FILES,
        "many_files_are_made",
        "dict(_make=lambda folder, maker, count, real=_make: real(folder, maker, count - 9))",
        "files that were made",
    ),
    PlantedCall(
        FILES,
        "many_files_are_found",
        "dict(os=instead(os, listdir=lambda path, real=os.listdir: real(path)[1:]))",
        "names missing from a folder",
    ),
    PlantedCall(
        FILES,
        "deep_tree_is_found",
        "dict(os=instead(os, rmdir=lambda *_, **__: None))",
        "what is left of the deep tree",
    ),
    PlantedCall(
        LIMITS,
        "largest_file_is_made",
        "dict(os=instead(os, ftruncate=lambda *_: None))",
        "grow beyond it",
    ),
    PlantedCall(
        LIMITS,
        "largest_file_is_found",
        "dict(os=instead(os, pread=lambda *words, real=os.pread: real(*words)[1:]))",
        "its ends",
    ),
    PlantedCall(
        LIMITS,
        "inodes_run_out_and_return",
        "dict(settled=lambda folder, holds, count: 0)",
        "all inodes are free again",
    ),
    PlantedCall(
        LIMITS,
        "descriptors_run_out_and_return",
        "dict(resource=instead(resource, setrlimit=lambda *_: None))",
        "open ends with EMFILE",
    ),
)
REMOUNT = PlantedCall(
    "mount_remount",
    "remounts_stop_and_free_writers",
    "dict(_remount=lambda *_: None, PATIENCE_S=1.0)",
    "remount with a file open for writing",
)
OTHERWISE = {"deep_tree_is_made": "it only makes; deep_tree_is_found looks"}
OPTIONS = "choices = [['vexfs_not_there'], ['data=journal'], ['delalloc']]"
"""Options of ext4, one of which it does not have, and two of which rule each other out."""
FEW = (("rw", "ro"),)
"""Instead of all options that filesystems share, to be quick."""

ANY_OPTION = PlantedCall("mount_trial", "refused", "dict(split_options=lambda _: (0, ''))", "")
EMPTY_INSTEAD = PlantedCall(
    "bad_devices",
    "look",
    "dict(mount=lambda _, place, *__, real=mount: real('none', place, 'tmpfs'))",
    "",
)
"""A kernel that mounts something empty, whatever the device has on it."""

DEVICES = (
    "another label than mkfs was given",
    "mount a write-protected device for writing: succeeds",
    "a write-protected device is not mounted as it should be",
    "mount a device with xfs on it: succeeds",
    "mount a device of zeros: succeeds",
    "mount a device of 1 sectors: succeeds",
    "mount half of its device: succeeds",
    "mount its device without the last sector: succeeds",
    "mount a device with a wrong magic number: succeeds",
    "a mount with a damaged superblock has other files",
)
"""What such a kernel, and a profile that says another label, must give."""


def test_every_check_has_its_fault():
    planted = {(call.module, call.check) for call in (*TREES, *MANY, REMOUNT)}
    for module, check in checks_of_level_2():
        assert (module, check) in planted or check in OTHERWISE, check


def checks_of_level_2():
    """Module and name of each check that the guest's code for mounts and many files has."""
    for path in (data_dir("deps") / "guest" / "code").glob("m*.py"):
        if path.stem.startswith(("mount_", "many_")):
            for node in ast.parse(path.read_text()).body:
                decorators = getattr(node, "decorator_list", [])
                if {getattr(one, "id", "") for one in decorators} & {"check", "mount_check"}:
                    yield path.stem, node.name


def titles(record):
    return [finding.title for finding in record.findings]


def test_mount_trees(perform, monkeypatch):
    plant(monkeypatch, TREES)
    record = perform(mount_trees.run, reference="xfs", **SECOND_DISK).record
    assert record.status == "FAIL"
    assert not_found(TREES, titles(record)) == []


def forget(bench):
    """From now on the disk acknowledges every write and drops it."""
    bench.make()
    table = f"0 {sectors_of(bench, bench.device)} flakey {bench.device} 0 0 3600 1 drop_writes"
    command = ["dmsetup", "create", "forgetting", "--table", table]
    assert bench.guest.run(command, timeout_s=30).ok
    bench.device = "/dev/mapper/forgetting"


def many_files_on_a_forgetting_disk(bench):
    forget(bench)
    many_files.run(bench, file_count=50, tree_depth=5)


def good_device_that_forgets(bench):
    forget(bench)
    GoodDevice(bench).verify()


def options_on_a_forgetting_disk(bench):
    forget(bench)
    options = documented.MountOptions("a book", (("discard",),))
    bench.profile = replace(bench.profile, documented_options=options)
    mount_options.run(bench, pair_seconds=1)


@pytest.mark.parametrize(
    ("scenario", "lost"),
    [
        (many_files_on_a_forgetting_disk, "many_files_are_found: unexpected ENOENT"),
        (good_device_that_forgets, "data mismatch on a good device"),
        (options_on_a_forgetting_disk, "mount option rw: read a file from the disk"),
    ],
)
def test_a_disk_that_forgets(perform, monkeypatch, scenario, lost):
    monkeypatch.setattr(many_files, "CHECKS", ())
    monkeypatch.setattr(many_files, "_few_inodes", lambda _: True)
    monkeypatch.setattr(documented, "COMMON_CHOICES", FEW)
    record = perform(scenario).record
    assert record.status == "FAIL"
    assert any(title.startswith(lost) for title in titles(record))


def test_many_files(perform, monkeypatch):
    plant(monkeypatch, MANY)
    record = perform(many_files.run, file_count="200", tree_depth="20").record
    assert record.status == "FAIL"
    assert not_found(MANY, titles(record)) == []


def changed_ext4(folder: Path, **tables: str) -> Path:
    """A folder with the profile of ext4, some of its tables replaced."""
    text = (Path(catalogue.__file__).parent / "profiles" / "ext4.toml").read_text()
    parts = text.split("\n[")
    kept = [part for part in parts if part.partition("]")[0].partition(".")[0] not in tables]
    added = [f"{name}]\n{table}\n" for name, table in tables.items()]
    folder.mkdir()
    (folder / "ext4.toml").write_text("\n[".join([*kept, *added]))
    return folder


def test_options_that_a_profile_claims_wrongly(runtime, tmp_path, monkeypatch):
    plant(monkeypatch, [REMOUNT, ANY_OPTION])
    monkeypatch.setattr(documented, "COMMON_CHOICES", FEW)
    table = f"source = 'a dream'\n{OPTIONS}"
    profiles = changed_ext4(tmp_path / "profiles", documented_options=table)
    values = {"type": "mount_options", "filesystem": "ext4"}
    record = run_scenario(mount_options.run, tmp_path / "job", profiles, **values)
    assert record.status == "FAIL"
    found = titles(record)
    assert "mount option vexfs_not_there: mount" in found
    assert "mount option data=journal,delalloc: mount" in found
    assert "an unknown mount option is not refused" in found
    assert not_found([REMOUNT], found) == []
    tried = record.configuration["mount_options"]
    assert tried["pairs_tried"] == tried["pairs"] > 4


def test_devices_that_are_not_what_they_should_be(runtime, tmp_path, monkeypatch):
    plant(monkeypatch, [EMPTY_INSTEAD])
    profiles = changed_ext4(
        tmp_path / "profiles", made_for="", **{"made_for.label": "mkfs = ['-L', 'another']"}
    )
    values = {"type": "mount_devices", "filesystem": "ext4", "reference": "xfs", "bit_flips": "2"}
    record = run_scenario(mount_devices.run, tmp_path / "job", profiles, **values, **SECOND_DISK)
    assert record.status == "FAIL"
    assert [title for title in DEVICES if title not in titles(record)] == []
