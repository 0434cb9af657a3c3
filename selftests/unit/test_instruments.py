"""What instruments make of what a guest says; no guest is needed for it."""

import json

from vexfs_provider.instrumentation import function_trace, memory
from vexfs_provider.instrumentation.instrument import with_json, with_limits

HISTOGRAM = """# event histogram
#
# trigger info: hist:keys=call_site.sym:vals=hitcount,bytes_alloc:sort=bytes_alloc [paused]
#

{ call_site: [ffffffffc0a71f2c] fill_super [vexfs_planted] } hitcount:   40  bytes_alloc: 163840
{ call_site: [ffffffff8132b12c] seq_open                   } hitcount:    3  bytes_alloc:    360

Totals:
    Hits: 43
    Entries: 2
    Dropped: 0
"""


def test_who_allocates_is_read_from_the_kernels_histogram():
    table = memory._allocation_table("kmalloc", HISTOGRAM)
    assert "40 times         163840 bytes  fill_super [vexfs_planted]" in table
    assert "3 times            360 bytes  seq_open" in table


def test_only_a_cache_that_grows_with_every_mount_is_a_leak():
    cycles = [{"leak": 10 + n, "back": 5 + n % 2, "same": 7} for n in range(5)]
    [finding] = memory.leaks(cycles)
    assert finding.title == "slab cache leak grows with every mount"
    assert "actual: 10, 11, 12, 13, 14" in finding.evidence[0].text
    assert list(memory.leaks(cycles[:4])) == []


def test_an_artefact_begins_with_what_was_not_seen_and_ends_with_json():
    content = with_limits(("it ends early",), with_json("text", {"a": 1})).decode()
    assert content.startswith("# it ends early\ntext\n")
    assert json.loads(content.splitlines()[-1]) == {"a": 1}


def test_a_trace_names_the_functions_of_a_module_that_is_gone():
    base = 0xFFFFFFFFC0697000
    text = f"mount: {base + 0x90:#x} <-{base + 0x329:#x}\nmount: {base - 16:#x} <-vfs_get_tree\n"
    names = {base + 0x90: "get_tree", base + 0x290: "fill_super"}
    shown = function_trace.named(text.encode(), names).decode()
    assert shown == f"mount: get_tree <-fill_super\nmount: {base - 16:#x} <-vfs_get_tree\n"
