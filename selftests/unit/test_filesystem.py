"""The steps on a filesystem, on a guest that only records what it is asked."""

import pickle

import pytest

from vexfs_provider.errors import DeadlineExpired, NotApplicable
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.filesystems.filesystem import Filesystem, Timeouts
from vexfs_provider.guest.module import Module
from vexfs_provider.guest.protocol import CommandResult

RELEASE = "6.1.0-56-cloud-amd64"
OK = CommandResult(0, b"", b"", 0.0)
FAST = Timeouts(mount_s=0.2, unmount_s=0.2)


def result(status=0, stdout=b"", stderr=b""):
    return CommandResult(status, stdout, stderr, 0.0)


class FakeGuest:
    """Answers from ``answers``, keyed by the start of the command line; else success.

    An answer that is a list gives its items one after the other, the last one for ever.
    """

    kernel_release = RELEASE

    def __init__(self):
        self.answers = {}
        self.commands = []
        self.files = {}

    def run(self, argv, *, timeout_s, env=None, input=None):
        line = " ".join(argv)
        self.commands.append(line)
        assert timeout_s > 0
        assert env["PATH"].startswith("/run/vexfs/bin:")
        for start, answer in self.answers.items():
            if line.startswith(start):
                if isinstance(answer, list):
                    return answer.pop(0) if len(answer) > 1 else answer[0]
                return answer
        return OK

    def put(self, path, data, mode=0o644):
        self.files[path] = (data, mode)


@pytest.fixture
def guest():
    return FakeGuest()


@pytest.fixture
def built(tmp_path):
    """A build of VexFS for the guest's kernel."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "mkfs.vexfs").write_bytes(b"mkfs")
    (tmp_path / "vexfs_deadlock_fix.ko").write_bytes(b"ko")
    objects = (tmp_path / "vexfs_deadlock_fix.ko",)
    return Module("vexfs", RELEASE, tmp_path, objects, tmp_path / "tools", {})


def nothing_built(name):
    return None


def filesystem(name, guest, **arguments):
    return Filesystem(get_profile(name), guest, **arguments)


def test_a_kernel_filesystem_by_its_commands(guest):
    ext4 = filesystem("ext4", guest)
    ext4.load(nothing_built)
    ext4.make("/dev/vdb")
    ext4.mount("/dev/vdb", "/mnt/test", ["ro", "data=journal"])
    ext4.unmount("/mnt/test")
    ext4.unload()
    assert guest.commands == [
        "modprobe ext4",
        "mkfs.ext4 -q -F /dev/vdb",
        "mkdir -p /mnt/test",
        "mount -t ext4 -o ro,data=journal /dev/vdb /mnt/test",
        "umount /mnt/test",
    ]


def test_a_filesystem_in_memory_has_no_device(guest):
    tmpfs = filesystem("tmpfs", guest, size_mib=64)
    tmpfs.make("/dev/vdb")
    tmpfs.mount("/dev/vdb", "/mnt/test")
    assert guest.commands == ["mkdir -p /mnt/test", "mount -t tmpfs -o size=64m tmpfs /mnt/test"]


@pytest.mark.parametrize(
    ("step", "command"),
    [
        ("mkfs", "mkfs.ext4"),
        ("mount", "mount"),
        ("unmount", "umount"),
        ("load", "modprobe"),
    ],
)
def test_a_failed_step_carries_command_and_output(guest, step, command):
    guest.answers[command] = result(32, stderr=b"wrong fs type")
    ext4 = filesystem("ext4", guest)
    steps = {
        "mkfs": lambda: ext4.make("/dev/vdb"),
        "mount": lambda: ext4.mount("/dev/vdb", "/mnt"),
        "unmount": lambda: ext4.unmount("/mnt"),
        "load": lambda: ext4.load(nothing_built),
    }
    with pytest.raises(FilesystemError, match=r"(?s)status 32.*wrong fs type") as caught:
        steps[step]()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.step, again.command[0], again.result.status) == (step, command, 32)
    assert str(again) == str(caught.value)


def test_a_kernel_without_the_filesystem_is_not_applicable(guest):
    guest.answers["modprobe f2fs"] = result(1, stderr=b"modprobe: FATAL: Module f2fs not found")
    with pytest.raises(NotApplicable, match=r"no module f2fs.*6\.1-generic"):
        filesystem("f2fs", guest).load(nothing_built)


def test_a_guest_without_mkfs_is_not_applicable(guest):
    guest.answers["mkfs.xfs"] = result(127)
    with pytest.raises(NotApplicable, match=r"mkfs\.xfs.*recipe"):
        filesystem("xfs", guest).make("/dev/vdb")


def test_a_module_that_is_not_built_names_the_command(guest):
    with pytest.raises(NotApplicable) as caught:
        filesystem("vexfs", guest).load(nothing_built)
    assert str(caught.value) == (
        "vexfs is not built; run: avocado vexfs module build --name vexfs --source DIR "
        "--kernel 6.1 --tool mkfs.vexfs=FILE"
    )


def test_an_out_of_tree_module_is_inserted_with_its_tools(guest, built):
    guest.answers["test -d /sys/module/vexfs_deadlock_fix"] = result(1)
    filesystem("vexfs", guest).load(lambda name: built if name == "vexfs" else None)
    assert guest.files == {
        "/run/vexfs/bin/mkfs.vexfs": (b"mkfs", 0o755),
        "/run/vexfs/modules/vexfs_deadlock_fix.ko": (b"ko", 0o644),
    }
    assert guest.commands[-1] == "insmod /run/vexfs/modules/vexfs_deadlock_fix.ko"


def test_a_module_that_is_in_is_not_inserted_again(guest, built):
    vexfs = filesystem("vexfs", guest)
    vexfs.load(lambda name: built)
    assert not [line for line in guest.commands if line.startswith("insmod")]
    vexfs.unload()
    assert guest.commands[-1] == "rmmod vexfs_deadlock_fix"


def test_a_build_of_another_module_says_what_it_made(guest, built, tmp_path):
    other = Module("vexfs", RELEASE, tmp_path, (tmp_path / "vexfs.ko",), built.tools, {})
    guest.answers["test -d"] = result(1)
    with pytest.raises(NotApplicable, match=r"made vexfs\.ko, not vexfs_deadlock_fix\.ko"):
        filesystem("vexfs", guest).load(lambda name: other)


def test_a_missing_tool_of_the_module_names_the_build(guest):
    guest.answers["mkfs.vexfs"] = result(127)
    with pytest.raises(NotApplicable, match=r"--tool mkfs\.vexfs=FILE"):
        filesystem("vexfs", guest).make("/dev/vdb")


@pytest.mark.parametrize(
    ("name", "status", "ok", "available"),
    [
        ("ext4", 0, True, True),
        ("ext4", 4, False, True),
        ("ext4", 127, False, False),
        ("vexfs", 0, False, False),
    ],
)
def test_what_a_check_says(guest, name, status, ok, available):
    guest.answers["e2fsck"] = result(status, stdout=b"clean?")
    check = filesystem(name, guest).check("/dev/vdb")
    assert (check.ok, check.available) == (ok, available)
    assert check.output


def fuse_guest(guest, *, mounts, states):
    guest.answers["sh -c mkdir"] = result(stdout=b"77\n")
    guest.answers["cat /proc/self/mounts"] = [result(stdout=line) for line in mounts]
    guest.answers["cat /proc/77/stat"] = [
        result(1) if state is None else result(stdout=b"77 (a) b) %c 1" % state) for state in states
    ]
    return filesystem("fuse", guest, timeouts=FAST)


def test_a_fuse_mount_waits_until_it_is_mounted(guest):
    mounted = b"/dev/vdb /mnt fuse.ext4 rw 0 0\n"
    fuse = fuse_guest(guest, mounts=[b"", b"x /mnt/other y\n", mounted], states=[b"S"])
    fuse.mount("/dev/vdb", "/mnt", ["ro"])
    assert guest.commands.count("cat /proc/self/mounts") == 3
    [start] = [line for line in guest.commands if line.startswith("sh -c mkdir")]
    assert start.endswith("/run/vexfs/log/fuse.log fuse2fs -f /dev/vdb /mnt -o ro")


@pytest.mark.parametrize("end", [None, b"Z"])
def test_a_fuse_unmount_waits_for_the_end_of_the_daemon(guest, end):
    fuse = fuse_guest(guest, mounts=[b"d /mnt f rw 0 0\n"], states=[b"S", b"S", end])
    fuse.mount("/dev/vdb", "/mnt")
    fuse.unmount("/mnt")
    assert guest.commands[-4:] == ["umount /mnt", *["cat /proc/77/stat"] * 3]


def test_a_fuse_daemon_that_ends_shows_its_log(guest):
    fuse = fuse_guest(guest, mounts=[b""], states=[None])
    guest.answers["cat /run/vexfs/log/fuse.log"] = result(stdout=b"bad superblock")
    with pytest.raises(FilesystemError, match=r"(?s)fuse2fs.*bad superblock") as caught:
        fuse.mount("/dev/vdb", "/mnt")
    assert caught.value.step == "mount"


def test_a_fuse_daemon_that_hangs_is_a_deadline(guest):
    fuse = fuse_guest(guest, mounts=[b""], states=[b"S"])
    with pytest.raises(DeadlineExpired, match="mount at /mnt"):
        fuse.mount("/dev/vdb", "/mnt")


def test_a_guest_without_the_daemon_is_not_applicable(guest):
    guest.answers["sh -c command -v"] = result(1)
    with pytest.raises(NotApplicable, match="fuse2fs"):
        filesystem("fuse", guest).mount("/dev/vdb", "/mnt")
