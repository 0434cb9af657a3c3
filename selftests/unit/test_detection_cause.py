"""The hint at what led to a report."""

import pytest

from vexfs_provider.detection import scan
from vexfs_provider.detection.cause import FAULT_NOTE, NEAR, probable_cause

STAMP = "[   10.000000] "
OOPS = f"{STAMP}BUG: unable to handle page fault for address: 0000000000000008\n"
QUIET = f"{STAMP}nothing of interest\n"
SLAB = (
    f"{STAMP}FAULT_INJECTION: forcing a failure.\n"
    f"{STAMP}name failslab, interval 1, probability 100, space 0, times 1\n"
)
IO_ERROR = f"{STAMP}I/O error, dev vdb, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1\n"


def cause(before: str, report: str = OOPS) -> str:
    console = (before + report).encode()
    return probable_cause(console, len(before), len(console))


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (SLAB, "a fault was injected: failslab"),
        (f"{STAMP}{FAULT_NOTE}dm-error on vdb\n", "a fault was injected: dm-error on vdb"),
        (IO_ERROR, "the block layer had an I/O error on vdb"),
        (
            f"{STAMP}mount: page allocation failure: order:4, mode:0xcc0\n",
            "an allocation of memory failed (order:4)",
        ),
    ],
)
def test_what_came_just_before_is_named_with_its_place(before: str, words: str) -> None:
    place = len(QUIET) + len(STAMP)
    found = cause(QUIET + before)
    assert words in found
    start = int(found.rpartition("(byte ")[2].rstrip(")"))
    assert place <= start < len(QUIET + before)


def test_the_last_event_counts_and_only_if_it_is_near() -> None:
    assert "failslab" in cause(IO_ERROR + SLAB)
    assert "vdb" in cause(SLAB + IO_ERROR)
    assert cause(SLAB + QUIET * (NEAR // len(QUIET) + 1)) == ""
    assert cause(QUIET) == ""


def test_a_symbolised_report_names_the_file_to_look_into() -> None:
    trace = " dump_stack+0x1/0x2 lib/dump_stack.c:94\n demo_write+0x1/0x2 fs/demo/file.c:12\n"
    assert cause(IO_ERROR, OOPS + trace).startswith("look first into fs/demo/file.c; just before, ")


def test_findings_carry_it_and_the_number_of_their_line() -> None:
    [first, second] = scan((QUIET + SLAB + OOPS + QUIET * 3 + OOPS).encode())
    assert "failslab" in first.cause
    assert second.cause == ""  # the same title: merged into the first
    assert [finding.evidence[0].line for finding in (first, second)] == [4, 8]
