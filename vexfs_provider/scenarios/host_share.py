"""Data between a folder of the host and the filesystem under test."""

import os
import random
import time
from dataclasses import replace
from pathlib import Path

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import GuestError, NotApplicable
from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.guest.share import TAG, open_shared, shared_folder
from vexfs_provider.scenarios.bench import Bench

SHARE = "/mnt/share"
SIZES = (0, 1, 4095, 4097, 40_000, (1 << 20) + 123)  # bytes
TIMEOUT_S = 60.0
MOUNT_TIMEOUT_S = 20.0
POLL_S = 0.05
TO_GUEST, FROM_GUEST, NOTE = "to_guest", "from_guest", "note"
LIMIT = 2 * max(SIZES)  # bytes; a hostile guest must not exhaust the host


def run(bench: Bench) -> None:
    """Files go from the host to the filesystem by a share, and back, and are the same.

    The guest copies them to the filesystem and, after a remount, back into the share. A change that
    either side makes is seen by the other. The share is a folder of this run only. No metrics.
    """
    bench.renew(_with_own_ram)
    folder = bench.guest.machine.berth.run.scratch / "share"
    folder.mkdir()
    bench.make()
    bench.mount()
    with shared_folder(bench.guest, folder):
        _mount_share(bench)
        _copy_there_and_back(bench, folder)
        _see_changes(bench, folder)
        _sh(bench, f"umount {SHARE}")


def _with_own_ram(spec: GuestSpec) -> GuestSpec:
    return replace(spec, own_ram=True)


def _mount_share(bench: Bench) -> None:
    guest = bench.guest
    if not guest.run(["modprobe", "virtiofs"], timeout_s=TIMEOUT_S).ok:
        raise NotApplicable(f"kernel {guest.kernel_release} has no module virtiofs")
    deadline = Deadline(MOUNT_TIMEOUT_S, "mount of the share")
    mount = ["sh", "-c", f"mkdir -p {SHARE} && mount -t virtiofs {TAG} {SHARE}"]
    # The device has just been plugged: until the guest has looked at it there is no such tag.
    while not (result := guest.run(mount, timeout_s=TIMEOUT_S)).ok:
        if deadline.expired:
            raise GuestError(f"the guest cannot mount the share: {result.text}")
        time.sleep(POLL_S)


def _sh(bench: Bench, script: str) -> str:
    """The output of a shell script; a finding if it fails."""
    result = bench.guest.run(["sh", "-c", f"set -e; {script}"], timeout_s=TIMEOUT_S)
    if not result.ok:
        bench.fail(
            f"a command fails during {bench.during}",
            kind="share",
            operation=script,
            expected="status 0",
            actual=f"status {result.status}: {result.text}",
        )
    return result.text


def _read(folder: Path, name: str) -> bytes | str:
    """What is in a file that the guest has made, or why it cannot be read."""
    try:
        with open(open_shared(folder, name, os.O_RDONLY), "rb") as file:
            return file.read(LIMIT)
    except OSError as error:
        return f"{name}: {error.strerror}"


def _copy_there_and_back(bench: Bench, folder: Path) -> None:
    sizes = sorted({bench.file_bytes(size) for size in SIZES})
    written = {f"file_{size}": random.Random(size).randbytes(size) for size in sizes}
    (folder / TO_GUEST).mkdir()
    for name, data in written.items():
        (folder / TO_GUEST / name).write_bytes(data)
    with bench.step("copy from the share"):
        _sh(bench, f"cp -r {SHARE}/{TO_GUEST} {bench.mountpoint}/; sync -f {bench.mountpoint}")
    bench.unmount()
    bench.mount()
    with bench.step("copy to the share"):
        _sh(bench, f"cp -r {bench.mountpoint}/{TO_GUEST} {SHARE}/{FROM_GUEST}")
    for name, data in written.items():
        actual = _read(folder, f"{FROM_GUEST}/{name}")
        if actual != data:
            found = actual if isinstance(actual, str) else f"{len(actual)} bytes that differ"
            bench.fail(
                "a file from the host comes back different",
                kind="data-mismatch",
                operation=f"host -> share -> filesystem -> remount -> share -> host: {name}",
                expected=f"the same {len(data)} bytes",
                actual=found,
            )


def _see_changes(bench: Bench, folder: Path) -> None:
    """Either side writes over what the other has written."""
    with bench.step("changes in the share"):
        _sh(bench, f"echo from the guest >{SHARE}/{NOTE}")
        _compare(bench, "host", b"from the guest\n", _read(folder, NOTE))
        with open(open_shared(folder, NOTE, os.O_WRONLY | os.O_TRUNC), "wb") as file:
            file.write(b"from the host\n")
        _compare(bench, "guest", b"from the host", _sh(bench, f"cat {SHARE}/{NOTE}").encode())


def _compare(bench: Bench, who: str, expected: bytes, actual: bytes | str) -> None:
    if actual != expected:
        bench.fail(
            f"the {who} does not see what the other side wrote to the share",
            kind="share",
            operation="write a file on one side, read it on the other",
            expected=str(expected),
            actual=str(actual),
        )
