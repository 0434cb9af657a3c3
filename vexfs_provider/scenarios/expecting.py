"""Kernel findings that are expected for the time of a ``with`` block only."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from vexfs_provider.scenarios.bench import Bench


@contextlib.contextmanager
def expecting(bench: Bench, pattern: str) -> Iterator[None]:
    """What ``bench.expect`` declares, but not beyond the end of the block.

    A guest that is replaced meanwhile has no expectations left to end.
    """
    bench.expect(pattern)
    expected = bench.expectations[-1]
    try:
        yield
    finally:
        bench.events.add("expect ended", pattern=pattern)
        if expected in bench.expectations:
            bench.expectations.remove(expected)
            end = bench.guest.console_log.stat().st_size
            if end > expected.start:
                bench.expectations.append(replace(expected, end=end))
