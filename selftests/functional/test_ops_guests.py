"""Lists of operations in guests: what they give, and what is known when they are stopped."""

import time
from dataclasses import dataclass

import pytest
from conftest import Fork

from vexfs_provider.errors import GuestDied
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.guest.guest import GuestHung
from vexfs_provider.guest.shape import Disk
from vexfs_provider.ops.content import content, hash_of
from vexfs_provider.ops.executor import Executor
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.stopped import ExecutorStopped
from vexfs_provider.ops.text import read_text

MOUNTPOINT = "/mnt/test"
SIZE_MIB = 512
NEVER_S = 3600
HOUR_S = 3600


def list_of(name, *lines):
    return OpList(name, read_text("\n".join(["vexfs-ops 1", *lines]), name).operations)


@dataclass(frozen=True)
class Bench:
    """A guest with a mounted filesystem."""

    fork: Fork
    filesystem: Filesystem
    device: str

    def remount(self):
        self.filesystem.unmount(MOUNTPOINT)
        self.filesystem.mount(self.device, MOUNTPOINT)

    def executor(self, remount=None, **settings):
        return Executor(self.fork.guest, MOUNTPOINT, remount or self.remount, **settings)


@pytest.fixture
def bench(start):
    def prepared(name="ext4", **fields):
        fork = start(disks=(Disk("test", SIZE_MIB),), **fields)
        filesystem = Filesystem(get_profile(name), fork.guest, size_mib=SIZE_MIB)
        filesystem.load(lambda _: None)
        device = fork.guest.disk_path("test")
        filesystem.make(device)
        filesystem.mount(device, MOUNTPOINT)
        return Bench(fork, filesystem, device)

    return prepared


FIRST = list_of(
    "first",
    "mkdir A 0755",
    "create A/f 0644",
    "write A/f 0 5000 1",
    "mmap_store A/f 4000 200 2 SYNC",
    "link A/f B",
    "read B 0 9000",
    "setxattr A/f note 100 3 CREATE",
    "getxattr B note",
    "chown A/f 5 6",
    "tmpfile @0 A 0600",
    "write @0 8000 10 4",
    "linkfd @0 A/t",
    "fallocate A/f PUNCH_HOLE|KEEP_SIZE 0 4096",
    "mknod null CHAR 0666",
    "stat null FOLLOW",
    "drop_caches",
    "statx A/f FOLLOW",
    "freeze",
    "user 1000",
    "create A/no 0644",
    "chmod B 0777",
    "remount",
    "read @0 0 10",
    "create A/no 0644",
    "user 0",
    "unlink B",
    "sync",
    "crash_point",
)
WRITTEN = content(1, 0, 4000) + content(2, 4000, 200) + content(1, 4200, 800)
PUNCHED = bytes(4096) + WRITTEN[4096:]
UNNAMED = bytes(8000) + content(4, 8000, 10)
NOTE = hash_of(content(3, 0, 100))
STAT = "kind=char mode=0666 user=0 group=0 nlink=1 device=1:3 mtime=op13 ctime=op13"
STATX = "kind=file mode=0644 user=5 group=6 nlink=2 size=5000 mtime=op12 ctime=op12 btime=op1"
RESULTS = [
    *("", "", "5000", "", "", f"5000 {hash_of(WRITTEN)}", "", f"100 {NOTE}", ""),
    *("", "10", "", "", "", STAT, "", STATX, "", "", "EACCES", "EPERM", ""),
    *("EBADF", "EACCES", "", "", "", ""),
]
TREE = {
    "A": {"kind": "folder", "mode": "0755", "mtime": "op11", "ctime": "op11"},
    "A/f": {
        "size": "5000",
        "user": "5",
        "nlink": "1",
        "mtime": "op12",
        "ctime": "op25",
        "hash": hash_of(PUNCHED),
        "xattrs": f"note:100:{NOTE}",
        "holes": "ok",
    },
    "A/t": {"size": "8010", "mode": "0600", "mtime": "op10", "ctime": "op11", "holes": "ok"},
    "null": {"kind": "char", "device": "1:3"},
}


@pytest.mark.parametrize(
    ("filesystem", "kernel"), [("ext4", "6.1"), ("xfs", "6.1"), ("btrfs", "6.1"), ("ext4", "6.12")]
)
def test_a_list_gives_results_and_a_tree_that_lasts(bench, filesystem, kernel):
    here = bench(filesystem, kernel=kernel)
    second = list_of("second", "mkdir A 0700", "rename A B PLAIN", "remount", "rmdir A")
    first, other = here.executor().run([FIRST, second], remount_after=True)
    assert [one.error or " ".join(one.value) for one in first.results] == RESULTS
    assert sorted(first.tree) == [".", *TREE]
    for path, facts in TREE.items():
        assert {name: first.tree[path][name] for name in facts} == facts
    assert first.tree["A/t"]["hash"] == hash_of(UNNAMED)
    assert first.after_remount == first.tree
    assert [one.error for one in other.results] == ["", "", "", "ENOENT"]
    assert other.tree["."]["mtime"] == "op1"
    assert other.tree["B"]["mtime"] == "op0"
    assert other.after_remount == other.tree
    assert abs(int(here.fork.sh("date +%s")) - time.time()) < HOUR_S


@pytest.mark.parametrize("way", ["warm", "cold"])
def test_the_flight_recorder_has_every_step(bench, way):
    here = bench(start=way)
    lists = [list_of("one", "mkdir A 0755", "rmdir A"), list_of("two", "sync")]
    here.executor().run(lists)
    assert here.fork.guest.flight() == b"lootlote"


STUCK = list_of("stuck", "mkdir A 0755", "remount", "stat A FOLLOW", "readdir .", "rmdir A", "sync")
AT = ("stuck", 4, "rmdir A")
"""Where it stops on a filesystem that is frozen in the place of the remount."""


def stop(executor):
    before = list_of("before", "mkdir A 0755")
    with pytest.raises(ExecutorStopped) as caught:
        executor.run([before, STUCK])
    stopped = caught.value
    assert (stopped.name, stopped.index, stopped.line) == AT
    assert list(stopped.outcomes) == ["before"]
    return stopped


def test_a_call_that_hangs_is_named_with_its_stack(bench):
    here = bench()
    executor = here.executor(
        lambda: here.fork.sh(f"fsfreeze -f {MOUNTPOINT}"), operation_timeout_s=2
    )
    stopped = stop(executor)
    assert isinstance(stopped.cause, GuestHung)
    [task] = [task for task in stopped.cause.stuck if task["command"] == "ops"]
    assert "rmdir" in task["stack"]
    here.fork.sh(f"fsfreeze -u {MOUNTPOINT}")
    [after] = here.executor().run([list_of("after", "create f 0644")])
    assert (after.results[0].error, after.tree["f"]["mtime"]) == ("", "op0")


def frozen_and_then(here, script):
    """A remount that freezes in its place, and runs a script two seconds later."""

    def freeze():
        later = f"(sleep 2; {script}) </dev/null >/dev/null 2>&1 &"
        here.fork.sh(f"fsfreeze -f {MOUNTPOINT}; {later}")

    return freeze


def test_a_panic_names_the_operation_that_was_under_way(bench):
    here = bench()
    executor = here.executor(frozen_and_then(here, "echo c >/proc/sysrq-trigger"))
    stopped = stop(executor)
    assert isinstance(stopped.cause, GuestDied)
    assert stopped.cause.state == "panicked"


def test_a_killed_process_names_the_operation_that_was_under_way(bench):
    """As the kernel kills the process in which it has crashed."""
    here = bench()
    script = f"kill -9 $(pgrep -n -x ops); fsfreeze -u {MOUNTPOINT}"
    stopped = stop(here.executor(frozen_and_then(here, script)))
    assert isinstance(stopped.cause, AgentError)
    assert stopped.cause.details["status"] == -9
