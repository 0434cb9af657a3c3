"""Devices that no mount must take for good, and what a mount of them gives."""

from collections.abc import Iterator
from contextlib import contextmanager

from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.filesystems.on_disk import Superblock
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.good_device import CALL_TIMEOUT_S, CODE, GoodDevice
from vexfs_provider.scenarios.mapped import SECTOR, mapped, sectors_of

FLIPS = 32
TINY = (1, 7)  # sectors
STRIDE = 0.6180339887  # of all bits: the golden ratio spreads however many of them evenly
CHUNK_SECTORS = 8  # of a snapshot


class BadDevices:
    """The stages of the scenario about bad devices.

    ``reference`` is the profile of the other filesystem, made on the spare disk, which also takes
    the changes of snapshots.
    """

    def __init__(self, bench: Bench, reference: str, flips: int):
        self._bench = bench
        self._reference = reference
        self._flips = flips

    def foreign(self, bench: Bench, good: GoodDevice) -> None:
        """A device with another filesystem."""
        self._declare()
        other, device = self._neighbour()
        other.make(device)
        self._must_refuse(good, f"mount a device with {self._reference} on it", device)

    def empty(self, bench: Bench, good: GoodDevice) -> None:
        """A device of zeros, and devices of a few sectors of the good one."""
        self._declare()
        sectors = sectors_of(bench, bench.device)
        with mapped(bench, "vexfs-zeros", f"0 {sectors} zero") as device:
            self._must_refuse(good, "mount a device of zeros", device)
        for count in TINY:
            with mapped(bench, "vexfs-tiny", f"0 {count} linear {bench.device} 0") as device:
                self._must_refuse(good, f"mount a device of {count} sectors", device)

    def cut(self, bench: Bench, good: GoodDevice) -> None:
        """The good device without its end: half of it, an eighth, and all but one sector."""
        self._declare()
        sectors = sectors_of(bench, bench.device)
        for left, what in ((sectors // 2, "half"), (sectors // 8, "an eighth"), (sectors - 1, "")):
            with (
                self._snapshot() as whole,
                mapped(bench, "vexfs-cut", f"0 {left} linear {whole} 0") as device,
            ):
                how = f"{what} of its device" if what else "its device without the last sector"
                operation = f"mount {how}"
                answer = good.look(device)
                lost = answer.get("bytes", 0) > left * SECTOR
                if not answer["refused"] and (answer["wrong"] or lost):
                    expected = f"refused, or {left * SECTOR} bytes at most and all files"
                    good.report(operation, expected, answer)

    def wrong_magic(self, bench: Bench, good: GoodDevice) -> None:
        """The magic number inverted, in the copies that a mount looks at too."""
        place = self._declare()
        if place is None:
            return
        with self._snapshot() as device:
            arguments = {"places": place.magics, "size": place.magic_size}
            bench.guest.call(CODE, "invert", CALL_TIMEOUT_S, device=device, **arguments)
            self._must_refuse(good, "mount a device with a wrong magic number", device)

    def flipped(self, bench: Bench, good: GoodDevice) -> None:
        """One bit of the superblock inverted, of a fresh snapshot each time."""
        place = self._declare()
        if place is None:
            return
        bits, refused = place.size * 8, 0
        numbers = sorted({int(turn * STRIDE % 1 * bits) for turn in range(self._flips)})
        for number in numbers:
            where, bit = place.offset + number // 8, number % 8
            with self._snapshot() as device:
                arguments = {"device": device, "place": where, "bit": bit}
                bench.guest.call(CODE, "flip", CALL_TIMEOUT_S, **arguments)
                answer = good.look(device)
            refused += bool(answer["refused"])
            if answer.get("wrong"):
                good.report(
                    "mount a device with a damaged superblock",
                    f"refused, or all files, with bit {bit} of byte {where} inverted",
                    answer,
                    "a mount with a damaged superblock has other files",
                )
        bench.record.configuration["bit_flips"] = {"tried": len(numbers), "refused": refused}

    def _must_refuse(self, good: GoodDevice, operation: str, device: str) -> None:
        answer = good.look(device)
        if not answer["refused"] or answer.get("left"):
            good.report(operation, "an error, and nothing mounted", answer)

    def _declare(self) -> Superblock | None:
        """Expect what the filesystem says of damage; where its superblock is, if that is known."""
        place = self._bench.profile.superblock
        if place is None:
            self._bench.unsupported("damaged superblocks: the profile has no table superblock")
        else:
            self._bench.expect(place.reports)
        return place

    def _neighbour(self) -> tuple[Filesystem, str]:
        return self._bench.neighbour(self._reference, 0)

    @contextmanager
    def _snapshot(self) -> Iterator[str]:
        """A device with what the good one has; changes go to the spare disk and are forgotten."""
        bench = self._bench
        _, spare = self._neighbour()
        sectors = sectors_of(bench, bench.device)
        table = f"0 {sectors} snapshot {bench.device} {spare} N {CHUNK_SECTORS}"
        with mapped(bench, "vexfs-snapshot", table) as device:
            yield device
