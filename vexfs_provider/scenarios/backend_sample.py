"""Few back ends of disks that have every pair of settings between them."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product

from vexfs_provider.guest.shape import AIOS, BUSES, CACHES, FORMATS

SECTORS = ((512, 512), (512, 4096), (4096, 4096))  # logical and physical, in bytes

Backend = Mapping[str, object]
"""Fields of a ``Disk``."""


def possible() -> Iterator[Backend]:
    """Every combination that QEMU has."""
    for bus, cache, aio, (logical, physical), form in product(
        BUSES, CACHES, AIOS, SECTORS, FORMATS
    ):
        if aio == "native" and cache != "none":
            continue  # Linux AIO needs O_DIRECT
        if bus == "ahci" and logical != 512:
            continue
        if bus == "nvme" and physical != logical:
            continue  # QEMU's tells the guest of its logical sectors only
        yield {
            "bus": bus,
            "cache": cache,
            "aio": aio,
            "format": form,
            "logical_sector": logical,
            "physical_sector": physical,
        }


def covering_sample() -> list[Backend]:
    """Back ends of which each possible pair of settings is in one; always the same.

    Greedy: the next one is that with most pairs that none before has.
    """
    candidates = list(possible())
    left = {pair for candidate in candidates for pair in pairs(candidate)}
    sample: list[Backend] = []
    while left:
        best = max(candidates, key=lambda candidate: len(left & pairs(candidate)))
        sample.append(best)
        left -= pairs(best)
    return sample


def pairs(backend: Backend) -> set[tuple[tuple[str, object], ...]]:
    """The pairs of settings that a back end has; its sectors are one setting."""
    settings = [(name, backend[name]) for name in ("bus", "cache", "aio", "format")]
    settings.append(("sectors", (backend["logical_sector"], backend["physical_sector"])))
    return set(combinations(settings, 2))


def in_words(backend: Backend) -> str:
    """Such as ``nvme cache=none aio=threads raw 512/4096``."""
    sectors = f"{backend['logical_sector']}/{backend['physical_sector']}"
    return (
        f"{backend['bus']} cache={backend['cache']} aio={backend['aio']} {backend['format']} "
        f"{sectors}"
    )
