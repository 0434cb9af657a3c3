"""A device with a filesystem and files on it, which must be the same at each later mount."""

from typing import Any

from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.scenarios.bench import Bench

CODE = "bad_devices"
PLACE = "/mnt/device"
SEEDS = list(range(8))
FILE_BYTES = 3 * 4096 + 123  # a tail that ends within a block
CALL_TIMEOUT_S = 60.0

Answer = dict[str, Any]
"""What ``bad_devices.look`` says in the guest."""


class GoodDevice:
    """Makes a filesystem on a device, the one under test if none is named, and files on that.

    ``place`` is where it is mounted to look at it.
    """

    def __init__(
        self,
        bench: Bench,
        device: str = "",
        *,
        filesystem: Filesystem | None = None,
        place: str = PLACE,
    ):
        self._bench = bench
        self._filesystem = filesystem or bench.filesystem
        self._place = place
        self.device = device or bench.device
        for name in ("content", CODE):
            bench.guest.load_code(name)
        if self.device == bench.device:
            bench.make("label")
        else:
            self._filesystem.make(self.device)
        self._filesystem.mount(self.device, place)
        files = {"folder": place, "seeds": SEEDS, "size": FILE_BYTES}
        bench.guest.call("content", "write_files", CALL_TIMEOUT_S, **files)
        self._filesystem.unmount(place)

    def verify(self) -> None:
        """Mount it and compare its files; what differs is a finding."""
        self.compare(self.device)

    def compare(self, source: str) -> None:
        """The same by another name of the device, as mount(8) takes them."""
        self._filesystem.mount(source, self._place)
        files = {"folder": self._place, "seeds": SEEDS, "size": FILE_BYTES}
        wrong = self._bench.guest.call("content", "compare_files", CALL_TIMEOUT_S, **files)
        self._filesystem.unmount(self._place)
        if wrong:
            self._bench.fail(
                "data mismatch on a good device",
                kind="data-mismatch",
                operation=f"mount {source} and read its files",
                expected="the bytes that were written and fsynced",
                actual="; ".join(wrong),
            )

    def check(self) -> None:
        """Run the filesystem's own check, if it has one."""
        result = self._filesystem.check(self.device)
        if result.available and not result.ok:
            self._bench.fail(
                "its own check finds damage",
                kind="fs-check",
                operation=f"check of {self.device}",
                expected="a clean filesystem",
                actual=result.output,
            )

    def look(self, device: str, *, read_only: bool = False) -> Answer:
        """Mount a device by mount(2), as it is, look at the files and unmount it."""
        subject = self._filesystem.system_call(device)
        arguments = {"place": self._place, "seeds": SEEDS, "size": FILE_BYTES}
        arguments |= {"subject": subject, "read_only": read_only}
        return self._bench.guest.call(CODE, "look", CALL_TIMEOUT_S, **arguments)

    def report(self, operation: str, expected: str, answer: Answer, title: str = "") -> None:
        """The finding of a mount that gave something else; by default, whether it succeeded."""
        refused = answer["refused"]
        self._bench.fail(
            title or f"{operation}: {f'fails with {refused}' if refused else 'succeeds'}",
            kind="bad-device",
            operation=operation,
            expected=expected,
            actual=", ".join(f"{key}: {value}" for key, value in answer.items() if value != ""),
        )
