"""Folders to mail: complete, right for shells, and true to the finding."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.catalogue import load_profiles
from vexfs_provider.filesystems.profile import Kind, ModuleSpec, Profile
from vexfs_provider.ops import bug_report, c_program, text
from vexfs_provider.ops.bug_report import BugReport
from vexfs_provider.ops.divergence import Divergence
from vexfs_provider.ops.fields import RenameFlags
from vexfs_provider.ops.operations import Create, MakeFolder, Remount, RenamePath
from vexfs_provider.ops.shell_commands import ShellCommands, shell_commands

TIMEOUT_S = 120
PROFILES = load_profiles()
TITLE = "differential: rename: success instead of EEXIST"
OPERATIONS = (
    MakeFolder("A", 0o755),
    Create("A/f", 0o644),
    RenamePath("A", "A/f", RenameFlags.NOREPLACE),
)
FOUND = Divergence("result", 2, "", "error", "EEXIST", "success", TITLE)

FOLDERS_AS_FILESYSTEMS = ShellCommands(
    load=(": loaded",),
    mkfs=('rm -rf "$device"', 'mkdir "$device"'),
    mount='find "$device" -mindepth 1 -maxdepth 1 -exec mv -t "$mountpoint" {} +',
    unmount='find "$mountpoint" -mindepth 1 -maxdepth 1 -exec mv -t "$device" {} +',
)
"""A mount that needs no rights: what is in the "device" is moved to the mountpoint, and back."""


def report(**values: object) -> BugReport:
    made = BugReport(
        title=TITLE,
        operations=OPERATIONS,
        divergence=FOUND,
        filesystem="vexfs",
        commands=shell_commands(PROFILES["ext4"]),
        kernel="6.1",
        reference="ext4",
        seed="random-17",
        console="[    1.0] the kernel's words\n",
        environment={"kernel release": "6.1.0-40-amd64", "QEMU": "7.2.19"},
    )
    return replace(made, **values)


def shell(script: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", script, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def test_the_folder_has_all_that_is_needed(tmp_path):
    folder = tmp_path / "mail" / "rename"
    bug_report.write(folder, report())
    assert sorted(os.listdir(folder)) == [
        "README.md",
        "console.txt",
        "environment.json",
        "list.ops",
        "reproduce.c",
        "run.sh",
    ]
    assert os.access(folder / "run.sh", os.X_OK)
    assert os.listdir(folder.parent) == ["rename"]
    ops = text.load(folder / "list.ops")
    assert ops.operations == OPERATIONS
    assert ops.facts == {
        "title": TITLE,
        "filesystem": "vexfs",
        "reference": "ext4",
        "kernel": "6.1",
        "seed": "random-17",
    }
    assert (folder / "console.txt").read_text() == "[    1.0] the kernel's words\n"
    environment = json.loads((folder / "environment.json").read_text())
    assert environment == {"kernel release": "6.1.0-40-amd64", "QEMU": "7.2.19"}
    program = (folder / "reproduce.c").read_text()
    assert program == c_program.write(OPERATIONS, FOUND, report().facts)


def test_an_older_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "rename"
    bug_report.write(folder, report())
    (folder / "left over").touch()
    bug_report.write(folder, report(console=""))
    assert not {"left over", "console.txt"} & set(os.listdir(folder))
    assert os.listdir(tmp_path) == ["rename"]


def test_a_failure_leaves_the_older_folder(tmp_path, monkeypatch):
    folder = tmp_path / "rename"
    bug_report.write(folder, report())
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(*_: object) -> str:
        raise UsageError("no program")

    monkeypatch.setattr(c_program, "write", fail)
    with pytest.raises(UsageError):
        bug_report.write(folder, report(title="another"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert os.listdir(tmp_path) == ["rename"]


def readme(tmp_path: Path, **values: object) -> str:
    bug_report.write(tmp_path / "mail", report(**values))
    return (tmp_path / "mail" / "README.md").read_text()


def test_the_readme_is_a_bug_report(tmp_path):
    words = readme(tmp_path)
    assert words.startswith(f"# {TITLE}\n")
    assert "3 operations on a fresh vexfs filesystem" in words
    assert "    mkdir A 0755\n    create A/f 0644\n    rename A A/f NOREPLACE\n" in words
    expected = "The result of operation 2, `rename A A/f NOREPLACE`, as on ext4:\n\n    EEXIST\n"
    assert expected in words
    assert "On vexfs:\n\n    success\n" in words
    assert "./run.sh /dev/" in words
    assert "avocado vexfs replay list.ops --filesystem vexfs --kernel 6.1\n" in words
    assert "- QEMU: 7.2.19\n" in words
    assert "random-17" in words
    assert "`console.txt`" in words


def test_the_readme_of_a_difference_in_the_tree(tmp_path):
    found = Divergence("tree", None, "A/\n", "size", "4096", "0", TITLE)
    words = readme(tmp_path, divergence=found, reference="ext4, xfs", console="")
    assert "The size of `A/%0A` after the last operation, as on ext4, xfs:\n\n    4096\n" in words
    assert "console.txt" not in words


def test_the_readme_of_what_a_remount_changed(tmp_path):
    found = Divergence("persistence", None, "A/f", "kind", "file", "absent", TITLE)
    words = readme(tmp_path, divergence=found)
    assert "The kind of `A/f` after an unmount and a mount, as before:\n\n    file\n" in words


def test_the_readme_of_a_crash(tmp_path):
    words = readme(tmp_path, divergence=None, title="BUG: unable to handle page fault")
    assert "All calls return" in words
    assert "BUG: unable to handle page fault" in words.split("## What happened")[1]


def profiles() -> list[Profile]:
    """All built-in ones, and one with words that a shell must not touch."""
    strange = Profile(
        name="strange",
        description="",
        kind=Kind.MODULE,
        type="strange",
        module=ModuleSpec("strange", "strange fs.ko", ("label=$HOME `id`",)),
        mkfs=("mkfs.strange", "-L", "it's $HOME", "--on={device};", "{size_mib}M"),
        mount_options=("label=a b", "dev={device}"),
    )
    return [*PROFILES.values(), strange]


@pytest.fixture(params=profiles(), ids=lambda profile: profile.name)
def script(request, tmp_path) -> Path:
    """The script for a profile."""
    commands = shell_commands(request.param, size_mib=64, old_data_mib=8)
    bug_report.write(tmp_path / "mail", report(commands=commands, title="it's $(odd)\n`title`"))
    return tmp_path / "mail" / "run.sh"


def test_the_script_is_right_for_shells(script):
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="the host has no shellcheck")
def test_the_script_is_right_for_shellcheck(script):
    done = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_words_of_a_profile_reach_the_commands_as_they_are():
    commands = shell_commands(profiles()[-1], size_mib=64, options=("ro",))
    assert commands.mkfs == ("""mkfs.strange -L 'it'"'"'s $HOME' --on="$device"';' 64M""",)
    assert commands.mount == (
        """mount -t strange -o 'label=a b,dev='"$device",ro "$device" "$mountpoint\""""
    )
    [load] = commands.load
    assert load.endswith("insmod 'strange fs.ko' 'label=$HOME `id`'")
    assert not commands.daemon


def test_a_filesystem_in_memory_has_no_device():
    commands = shell_commands(PROFILES["tmpfs"], size_mib=64, old_data_mib=8)
    assert commands.mkfs == ()
    assert commands.mount.endswith(' tmpfs "$mountpoint"')


def test_the_device_is_used_before_as_that_of_a_test_is(tmp_path):
    use, _ = shell_commands(PROFILES["ext4"], old_data_mib=2).mkfs
    image = tmp_path / "a device"
    image.write_bytes(bytes(5 << 20))
    subprocess.run(["sh", "-euc", use], env={**os.environ, "device": str(image)}, check=True)
    assert image.read_bytes() == b"\xa5" * (2 << 20) + bytes(3 << 20)


def test_a_daemon_is_waited_for():
    commands = shell_commands(PROFILES["fuse"])
    assert commands.daemon
    assert commands.mount.startswith("fuse2fs")


@pytest.mark.parametrize(("expected", "status"), [("ENOTDIR", 1), ("EEXIST", 0)])
def test_the_script_gives_the_programs_verdict(tmp_path, expected, status):
    divergence = replace(FOUND, expected=expected)
    mail = tmp_path / "it's a folder"
    bug_report.write(mail, report(divergence=divergence, commands=FOLDERS_AS_FILESYSTEMS))
    done = shell(mail / "run.sh", tmp_path / "device 1")
    assert (done.returncode, done.stderr) == (status, "")
    assert "2 rename A A/f NOREPLACE: EEXIST\n" in done.stdout
    assert os.listdir(tmp_path / "device 1") == ["vexfs-repro"]


def test_the_script_remounts_where_the_list_does(tmp_path):
    operations = (*OPERATIONS, Remount(), Create("A/g", 0o644))
    found = Divergence("persistence", None, "A/f", "kind", "absent", "file", TITLE)
    made = report(operations=operations, divergence=found, commands=FOLDERS_AS_FILESYSTEMS)
    bug_report.write(tmp_path / "mail", made)
    done = shell(tmp_path / "mail" / "run.sh", tmp_path / "device")
    assert (done.returncode, done.stderr) == (1, "")
    assert "3 remount: success\n4 create A/g 0644: success\nFINDING" in done.stdout


def test_a_binary_beside_the_script_is_used(tmp_path):
    mail = tmp_path / "mail"
    bug_report.write(mail, report(commands=FOLDERS_AS_FILESYSTEMS))
    (mail / "reproduce").write_text("#!/bin/sh\necho used in $1\nexit 7\n")
    (mail / "reproduce").chmod(0o755)
    done = shell(mail / "run.sh", tmp_path / "device")
    assert done.returncode == 7
    assert done.stdout.startswith("used in ")


def test_the_script_wants_a_device(tmp_path):
    bug_report.write(tmp_path / "mail", report())
    done = shell(tmp_path / "mail" / "run.sh")
    assert done.returncode == 2
    assert "DEVICE" in done.stderr
