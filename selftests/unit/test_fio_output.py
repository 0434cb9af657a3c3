"""What fio says becomes rates or findings: each planted result must be seen for what it is."""

import errno
import json
from typing import Any

import pytest

from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.scenarios.fio import Load, read_output

LOADS = (Load("basic", "write", 4096, 4, 8192), Load("large", "write", 4096, 1, 65536))


def job(load: Load, **changes: Any) -> dict[str, Any]:
    """A job of fio's output, in which each direction took half a second."""
    part = {"io_bytes": load.size, "runtime": 500}
    whole = {"jobname": load.name, "error": 0, "read": dict(part), "write": dict(part)}
    return whole | changes


def output(*jobs: dict[str, Any], status: int = 0, before: str = "") -> CommandResult:
    text = before + json.dumps({"fio version": "fio-3.33", "jobs": list(jobs)})
    return CommandResult(status, text.encode(), b"what fio said", 1.0)


GOOD = (job(LOADS[0]), job(LOADS[1]))


def test_rates_are_bytes_both_ways_by_the_time_of_both():
    outcomes = read_output(output(*GOOD, before="fio: a warning\n"), LOADS)
    assert outcomes["basic"].rate == pytest.approx(2 * 32768 / 1e6)
    assert outcomes["large"].fault is None


PLANTED = {
    "a block is wrong": (output(job(LOADS[0], error=errno.EILSEQ), GOOD[1], status=4), "data-mis"),
    "no space": (output(job(LOADS[0], error=errno.ENOSPC), GOOD[1], status=1), "unexpected ENOSPC"),
    "an unknown error": (output(job(LOADS[0], error=9999), GOOD[1], status=1), "unexpected 9999"),
    "less was read": (
        output(job(LOADS[0], read={"io_bytes": 4096, "runtime": 5}), GOOD[1]),
        "short read",
    ),
    "nothing was written": (
        output(job(LOADS[0], write={"io_bytes": 0, "runtime": 0}), GOOD[1]),
        "short write",
    ),
    "a job is missing": (output(GOOD[1]), "has no result"),
    "no JSON": (CommandResult(139, b"Segmentation fault", b"", 1.0), "has no result"),
    "cut JSON": (CommandResult(0, output(*GOOD).stdout[:-9], b"", 1.0), "has no result"),
    "other JSON": (CommandResult(0, b'{"jobs": [7]}', b"", 1.0), "has no result"),
    "an exit status alone": (output(*GOOD, status=1), "fio failed"),
}
"""What fio may say, and what the title of the finding must have in it."""


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_result_is_a_fault(case):
    result, words = PLANTED[case]
    fault = read_output(result, LOADS)["basic"].fault
    assert fault is not None
    assert words in fault.title or words in fault.kind
    assert fault.expected and fault.actual


def test_a_fault_of_one_load_leaves_the_others():
    result, _ = PLANTED["a block is wrong"]
    assert read_output(result, LOADS)["large"].rate > 0
