"""The filesystem on disks of every sort that QEMU has."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.guest.kernel import list_kernels
from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.params import Range
from vexfs_provider.scenarios.attempt import LOST_GUEST, attempt
from vexfs_provider.scenarios.backend_sample import Backend, covering_sample, in_words
from vexfs_provider.scenarios.bench import Bench

COSTLY = (*LOST_GUEST, FilesystemError)
CALL_TIMEOUT_S = 120.0
FILES = 8
# A tail that ends within a block and within a sector; no file needs an indirect block.
FILE_BYTES = 11 * 4096 + 123
IO_URING_SWITCH = Path("/proc/sys/kernel/io_uring_disabled")


def run(bench: Bench, *, backends: Annotated[int, Range(1, 100)] = 100) -> None:
    """Each of a sample of back ends in a fresh guest: make, write, remount, read, check.

    The sample has each pair of bus, cache mode, asynchronous I/O, image format and sector sizes in
    it, or as much of that as fits into ``backends``. No metrics.
    """
    if not bench.device:
        raise NotApplicable(f"{bench.profile.name} has no disk")
    sample = covering_sample()
    for backend in sample[:backends]:
        try:
            bench.renew(partial(with_backend, backend))
        except NotApplicable as reason:
            bench.unsupported(f"{in_words(backend)}: {reason}")
            continue
        with bench.step("use of a disk", in_words(backend)):
            attempt(bench, partial(_use, bench, backend), COSTLY)
    if backends < len(sample):
        bench.unsupported(f"not run, since backends = {backends}: {len(sample) - backends} more")


def with_backend(backend: Backend, spec: GuestSpec) -> GuestSpec:
    """The guest with such a first disk, and with a kernel that has a driver for it.

    Raises ``NotApplicable`` if the host does not let QEMU have it.
    """
    if backend["aio"] == "io_uring" and _is_io_uring_off():
        raise NotApplicable(f"this host has io_uring switched off: {IO_URING_SWITCH}")
    first, *others = spec.disks
    values: dict[str, Any] = dict(backend)
    generic = f"{spec.kernel}-generic"
    needs_generic = backend["bus"] == "ahci" and generic in list_kernels()
    return replace(
        spec,
        disks=(replace(first, **values), *others),
        kernel=generic if needs_generic else spec.kernel,
    )


def _is_io_uring_off() -> bool:
    return IO_URING_SWITCH.exists() and IO_URING_SWITCH.read_text().strip() != "0"


def _use(bench: Bench, backend: Backend) -> bool:
    name = in_words(backend)
    bench.guest.load_code("content")
    _compare_sectors(bench, backend)
    bench.make()
    bench.mount()
    files = {"folder": bench.mountpoint, "seeds": list(range(FILES)), "size": FILE_BYTES}
    bench.guest.call("content", "write_files", CALL_TIMEOUT_S, **files)
    bench.unmount()
    bench.mount()
    wrong = bench.guest.call("content", "compare_files", CALL_TIMEOUT_S, **files)
    if wrong:
        bench.fail(
            f"data mismatch on {name}",
            kind="data-mismatch",
            operation=f"write {FILES} files, remount, read them",
            expected="the bytes that were written and fsynced",
            actual="; ".join(wrong),
        )
    bench.finish()
    return True


def _compare_sectors(bench: Bench, backend: Backend) -> None:
    command = ["blockdev", "--getss", "--getpbsz", bench.device]
    told = bench.guest.run(command, timeout_s=CALL_TIMEOUT_S).text.split()
    expected = [str(backend["logical_sector"]), str(backend["physical_sector"])]
    if told != expected:
        bench.fail(
            f"the guest has other sectors on {in_words(backend)}",
            kind="backend",
            operation=" ".join(command),
            expected=" ".join(expected),
            actual=" ".join(told),
        )
