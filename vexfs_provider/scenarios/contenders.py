"""The filesystem under test and its reference, as what a benchmark measures in turn."""

from abc import ABC, abstractmethod

from vexfs_provider.scenarios.bench import Bench


class Contender(ABC):
    """A filesystem that is made anew, mounted and unmounted in each round."""

    name: str
    mountpoint: str

    @abstractmethod
    def make(self) -> None:
        """An empty filesystem on its disk."""

    @abstractmethod
    def mount(self) -> float:
        """Seconds that the mount command took."""

    @abstractmethod
    def unmount(self) -> float:
        """Seconds that the unmount command took."""


class Subject(Contender):
    """The filesystem under test."""

    def __init__(self, bench: Bench):
        self._bench = bench
        self.name, self.mountpoint = bench.profile.name, bench.mountpoint

    def make(self) -> None:
        self._bench.make()

    def mount(self) -> float:
        return self._bench.mount()

    def unmount(self) -> float:
        return self._bench.unmount()


class Reference(Contender):
    """The filesystem that it is compared with, on a disk of its own."""

    mountpoint = "/mnt/reference"

    def __init__(self, bench: Bench, name: str):
        self.name = name
        self._filesystem, self._device = bench.neighbour(name, 0)

    def make(self) -> None:
        self._filesystem.make(self._device)

    def mount(self) -> float:
        return self._filesystem.mount(self._device, self.mountpoint)

    def unmount(self) -> float:
        return self._filesystem.unmount(self.mountpoint)
