"""How fast a warm guest answers, and how much memory forks of one snapshot share."""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import virtme
from benchmarks.rows import RUNS, Row, in_turn
from vexfs_provider.errors import GuestError
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.launch import GuestSpec, GuestStart, start_guest
from vexfs_provider.isolation.runs import Run, running
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

# The cloud kernels have neither 9p nor virtiofs, through which virtme-ng gives the guest its root.
COMPARABLE_KERNEL = "6.1-generic"
FORKS = 10
COMMAND_TIMEOUT_S = 60.0
MIB = 1 << 10  # smaps counts in KiB


def measure(progress: Progress) -> list[Row]:
    """The rows of this group; a snapshot that is missing is made first."""
    store = Store()
    with running() as run:
        return [
            _first_command(run, store, progress),
            *_shared_memory(run, store, progress),
        ]


@contextlib.contextmanager
def _forked(
    spec: GuestSpec, run: Run, store: Store, progress: Progress
) -> Iterator[tuple[Guest, GuestStart]]:
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder).name
        guest, start = start_guest(
            spec, run, Path(folder), name=name, store=store, progress=progress
        )
        with guest:
            yield guest, start


def _answer(guest: Guest) -> float:
    """Seconds until the guest has run ``uname -r``."""
    started = time.monotonic()
    result = guest.run(["uname", "-r"], timeout_s=COMMAND_TIMEOUT_S)
    seconds = time.monotonic() - started
    if result.text != guest.kernel_release:
        raise GuestError(f"uname -r said {result.text!r}, expected {guest.kernel_release!r}")
    return seconds


def _first_command(run: Run, store: Store, progress: Progress) -> Row:
    """From the exec of QEMU to the first answered command, beside virtme-ng's whole run of it."""
    spec = GuestSpec(kernel=COMPARABLE_KERNEL, start="warm")

    def fork_and_ask() -> float:
        with _forked(spec, run, store, progress) as (guest, start):
            return start.seconds + _answer(guest)

    fork_and_ask()  # makes the snapshot if need be, and brings its files into the host's memory
    measures = [fork_and_ask]
    kernel = get_kernel(COMPARABLE_KERNEL, store=store, progress=progress)
    program = virtme.find_program()
    if program is None:
        progress.say(virtme.MISSING)
    else:
        measures.append(lambda: virtme.seconds_of_uname(program, kernel, spec.shape))
    with progress.task(f"the first command of a warm guest, {RUNS} runs"):
        value, *reference = in_turn(*measures)
    return Row(
        "warm_guest_first_command_s",
        value,
        "s",
        reference=f"virtme-ng, uname -r, kernel {kernel.release}" if reference else "",
        reference_value=reference[0] if reference else None,
        at_most=0.25,
        at_least_times=25,
    )


def _shared_memory(run: Run, store: Store, progress: Progress) -> list[Row]:
    """Private memory of the tenth fork beside that of the first while it was alone; all of ten."""
    spec = GuestSpec(start="warm")
    samples = []
    with progress.task(f"the memory of {FORKS} warm guests, {RUNS} runs"):
        for _ in range(RUNS):
            with ExitStack() as forks:
                guests, alone = [], 0.0
                for _ in range(FORKS):
                    guest, _ = forks.enter_context(_forked(spec, run, store, progress))
                    _answer(guest)
                    guests.append(guest)
                    alone = alone or _private_mib(guest)
                total = sum(_smaps(guest)["Pss"] for guest in guests) / MIB
                samples.append((_private_mib(guests[-1]), alone, total))
    tenth, first, total = map(statistics.median, zip(*samples, strict=True))
    promised = FORKS * spec.shape.memory_mib
    return [
        Row(
            "warm_guest_ram_mib",
            tenth,
            "MiB",
            reference="private memory of the first fork, alone",
            reference_value=first,
        ),
        Row(
            "ten_warm_guests_ram_mib",
            total,
            "MiB",
            reference="what the ten guests have been given",
            reference_value=promised,
        ),
    ]


def _private_mib(guest: Guest) -> float:
    values = _smaps(guest)
    return (values["Private_Clean"] + values["Private_Dirty"]) / MIB


def _smaps(guest: Guest) -> dict[str, int]:
    """KiB by kind, from ``/proc/PID/smaps_rollup`` of the guest's QEMU."""
    lines = Path(f"/proc/{guest.machine.pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name.rstrip(":"): int(size) for name, size, _ in map(str.split, lines)}
