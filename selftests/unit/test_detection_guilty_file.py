"""Which source file a symbolised report is about."""

import corpus
import pytest

from vexfs_provider.detection.guilty_file import guilty_file

REPORT = """\
BUG: KASAN: use-after-free in __list_del include/linux/list.h:112 [inline]
 dump_stack_lvl+0x57/0x7d lib/dump_stack.c:106
 kfree+0xb2/0x250 mm/slab.c:3802
 mutex_lock_nested+0x16/0x20 kernel/locking/mutex.c:748
 vexfs_put_super+0x1c/0x80 /build/fs/vexfs/super.c:1
 vexfs_evict+0x72b/0xde0 fs/vexfs/inode.c:139
 generic_shutdown_super+0x14f/0x370 fs/super.c:463
"""


def test_it_is_the_first_that_does_more_than_serve_others():
    assert guilty_file(REPORT) == "fs/vexfs/inode.c"


def test_a_report_without_places_names_none():
    assert guilty_file("RIP: 0010:vexfs_evict+0x72b/0xde0 [vexfs]") is None
    assert guilty_file("kfree+0xb2/0x250 mm/slab.c:3802") is None


@pytest.mark.skipif(not corpus.FOLDER.is_dir(), reason=corpus.ABSENT)
def test_symbolised_reports_of_the_corpus():
    right = [
        (guilty_file(log.decode("utf-8", "replace")) or "") == label["guilty_file"]
        for label, log in corpus.labelled("guiltylogs")
    ]
    assert sum(right) / len(right) >= 0.95  # measured: 24 of 25
