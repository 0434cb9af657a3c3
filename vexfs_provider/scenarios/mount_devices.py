"""Mounts of what a device may be: found by its label, read-only, a file's loop device, or bad."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.filesystems.on_disk import LABEL
from vexfs_provider.filesystems.profile import Kind
from vexfs_provider.params import Names, Range
from vexfs_provider.scenarios.attempt import LOST_GUEST, attempt
from vexfs_provider.scenarios.bad_devices import FLIPS, BadDevices
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.good_device import CALL_TIMEOUT_S, GoodDevice
from vexfs_provider.scenarios.loop_device import loop_device
from vexfs_provider.scenarios.mapped import mapped, sectors_of

COSTLY = (*LOST_GUEST, FilesystemError)
INNER = "/mnt/inner"

Stage = Callable[[Bench, GoodDevice], None]


def run(
    bench: Bench,
    *,
    reference: Annotated[tuple[str, ...], Names()] = ("ext4",),
    bit_flips: Annotated[int, Range(0, 100_000)] = FLIPS,
) -> None:
    """Good devices mount with all that is on them; bad ones are refused, and the kernel lives on.

    Good: by LABEL and UUID, write-protected, of an odd size, and a loop device on a file of the
    filesystem with another one inside. Bad: the first ``reference``'s, all zeros, cut short, of a
    few sectors, with a wrong magic number, and with one bit of its superblock inverted, for as many
    bits as ``bit_flips`` says. A mount that succeeds all the same must have the files. What is on
    the disk is never changed: damage is done to snapshots of it, whose changes a second disk takes.
    No metrics.
    """
    if bench.profile.kind not in (Kind.KERNEL, Kind.MODULE):
        raise NotApplicable(f"{bench.profile.name} is not mounted from a device by the kernel")
    bad = BadDevices(bench, reference[0], bit_flips)
    stages: dict[str, Stage] = {
        "found by name": _by_name,
        "write-protected": _write_protected,
        "of an odd size": partial(_odd_size, reference[0]),
        "in a file": _in_a_file,
        "with another filesystem": bad.foreign,
        "empty": bad.empty,
        "cut short": bad.cut,
        "with a wrong magic number": bad.wrong_magic,
        "with a damaged superblock": bad.flipped,
    }
    for name, stage in stages.items():
        attempt(bench, partial(_one, bench, name, stage), COSTLY)


def _one(bench: Bench, name: str, stage: Stage) -> bool:
    """One stage, on a fresh filesystem; True, since an attempt must return something."""
    with bench.step(f"a device {name}"):
        good = GoodDevice(bench)
        stage(bench, good)
        good.verify()
    return True


def _by_name(bench: Bench, good: GoodDevice) -> None:
    """Mount by LABEL and by UUID, as blkid(8) finds them."""
    for tag in ("LABEL", "UUID"):
        command = ["blkid", "--match-tag", tag, "--output", "value", bench.device]
        found = bench.guest.run(command, timeout_s=CALL_TIMEOUT_S).stdout.decode().strip()
        if tag == "LABEL" and "label" not in bench.profile.made_for:
            bench.unsupported("mount by LABEL: made_for of the profile does not say how to set one")
        elif not found:
            bench.unsupported(f"mount by {tag}: blkid finds none on {bench.profile.name}")
        else:
            if tag == "LABEL" and found != LABEL:
                bench.fail(
                    "another label than mkfs was given",
                    kind="label",
                    operation=" ".join(command),
                    expected=LABEL,
                    actual=found,
                )
            good.compare(f"{tag}={found}")


def _write_protected(bench: Bench, good: GoodDevice) -> None:
    """A device that is read-only: mounted read-only or not at all."""
    _blockdev(bench, "--setro")
    try:
        answer = good.look(bench.device)
        if answer["refused"] not in ("EACCES", "EROFS"):
            good.report("mount a write-protected device for writing", "EACCES or EROFS", answer)
        answer = good.look(bench.device, read_only=True)
        if answer["refused"] or answer["wrong"] or answer["create"] != "EROFS":
            good.report(
                "mount a write-protected device read-only",
                "success, with all files; creating one gives EROFS",
                answer,
                "a write-protected device is not mounted as it should be",
            )
    finally:
        _blockdev(bench, "--setrw")


def _blockdev(bench: Bench, option: str) -> None:
    result = bench.guest.run(["blockdev", option, bench.device], timeout_s=CALL_TIMEOUT_S)
    if not result.ok:
        raise NotApplicable(f"blockdev {option}: {result.text}")


def _odd_size(reference: str, bench: Bench, _good: GoodDevice) -> None:
    """A device of an odd number of sectors: mkfs refuses it, or all works there."""
    _, spare = bench.neighbour(reference, 0)
    sectors = sectors_of(bench, spare) - 3
    with mapped(bench, "vexfs-odd", f"0 {sectors} linear {spare} 0") as device:
        try:
            good = GoodDevice(bench, device)
        except FilesystemError as error:
            if error.step != "mkfs":
                raise
            bench.unsupported(f"a device of {sectors} sectors: {error}")
        else:
            good.verify()
            good.check()


def _in_a_file(bench: Bench, _good: GoodDevice) -> None:
    """A filesystem in a file of the filesystem."""
    size_mib = bench.profile.min_size_mib
    if not bench.profile.can("indirect_blocks"):
        bench.unsupported(f"a filesystem in a file of {size_mib} MiB: needs indirect_blocks")
        return
    path = f"{bench.mountpoint}/image"
    bench.mount()
    result = bench.guest.run(["truncate", "-s", f"{size_mib}M", path], timeout_s=CALL_TIMEOUT_S)
    if not result.ok:
        bench.unsupported(f"a filesystem in a file of {size_mib} MiB: {result.text}")
    else:
        inner = Filesystem(bench.profile, bench.guest, size_mib=size_mib)
        with loop_device(bench, path) as device:
            good = GoodDevice(bench, device, filesystem=inner, place=INNER)
        bench.unmount()
        bench.mount()
        with loop_device(bench, path) as device:
            good.device = device
            good.verify()
            good.check()
    bench.unmount()
