"""Each instrument sees what is planted for it, and says so where it cannot be used.

| instrument      | planted                                       | seen as                     |
| --------------- | --------------------------------------------- | --------------------------- |
| function        | a module whose functions are called           | their names and callers     |
| function_graph  | the same                                      | their durations             |
| memory          | every mount leaves 24 objects of kmalloc-4k   | FAIL, with the cache's name |
"""

import re

import pytest
from planted import run_planted, titles

from vexfs_provider.scenarios import module_cycle, mount

pytestmark = pytest.mark.usefixtures("runtime")

NO_CHECK = ["check: planted has no check command"]


def read(folder, name):
    return (folder / "job" / name).read_text()


def test_calls_of_the_modules_functions_are_traced_and_timed(tmp_path):
    record = run_planted(mount.cycle, tmp_path, "none", instrument="function function_graph")
    assert (record.status, titles(record), record.unsupported) == ("PASS", [], NO_CHECK)
    assert {"function.trace", "function_graph.trace"} <= set(record.artefacts)
    calls = read(tmp_path, "function.trace")
    functions = set(re.findall(r": (\w+)(?: \[\w+\])? <-", calls))
    assert {"planted_create", "fill_super", "alloc_inode"} <= functions
    graph = read(tmp_path, "function_graph.trace")
    assert re.search(r"us +\| .*planted_create", graph) or "planted_create [vexfs_pl" in graph
    assert "vfs_create" not in graph, "only the module's functions are traced"


def test_a_module_that_is_loaded_again_is_traced_again(tmp_path):
    record = run_planted(module_cycle.run, tmp_path, "none", instrument="function")
    assert (record.status, titles(record)) == ("PASS", [])
    calls = read(tmp_path, "function.trace")
    mounts = 5 * module_cycle.MOUNTS
    assert calls.count(": fill_super <-") == mounts, "also of modules that are gone"
    assert len(re.findall(r": new_inode_of\S* <-fill_super", calls)) == mounts


def test_functions_of_a_filesystem_in_the_kernel_itself_are_no_modules(perform):
    record = perform(mount.cycle, "ext4", instrument="function").record
    assert record.status == "CANCEL"
    assert "instrument = 'function'" in record.reason
    assert "ext4 is built into the kernel" in record.reason


def test_a_leak_of_each_mount_is_found_by_its_cache(tmp_path):
    record = run_planted(mount.cycle, tmp_path, "leak", instrument="memory")
    assert titles(record) == ["slab cache kmalloc-4k grows with every mount"]
    assert record.status == "FAIL"
    table = read(tmp_path, "memory.txt")
    assert re.search(r"\+2\d\d  kmalloc-4k$", table, re.MULTILINE), "24 objects a mount, ten mounts"
    assert re.search(r"times .* bytes  fill_super.* \[vexfs_planted\]", table)


def test_a_filesystem_that_frees_what_it_took_has_no_leak(perform, tmp_path):
    record = perform(mount.cycle, "ext4", instrument="memory").record
    assert (record.status, titles(record), record.unsupported) == ("PASS", [], [])
    assert "ext4" in read(tmp_path, "memory.txt")
