"""What /proc/slabinfo says over several cycles."""

import pytest

from vexfs_provider.instrumentation.slab_growth import growing, read_slabinfo

SLABINFO = """slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables
kmalloc-64          1990   2048     64   64    1 : tunables    0    0    0 : slabdata     32
dentry             11194  11256    192   21    1 : tunables    0    0    0 : slabdata    536
"""


def test_active_objects_are_read():
    assert read_slabinfo(SLABINFO) == {"kmalloc-64": 1990, "dentry": 11194}


def series(**numbers):
    return [dict(zip(numbers, row, strict=True)) for row in zip(*numbers.values(), strict=True)]


def test_only_what_grows_in_every_cycle_is_reported():
    counts = series(leak=[5, 7, 9, 12, 14], slow=[5, 7, 8, 10, 12], back=[1, 3, 5, 7, 6])
    assert growing(counts, least=2) == {"leak": [5, 7, 9, 12, 14]}


def test_a_cache_that_comes_with_the_second_cycle_counts_from_zero():
    counts = [{}, {"new": 1}, {"new": 2}, {"new": 3}, {"new": 4}]
    assert growing(counts, least=1) == {"new": [0, 1, 2, 3, 4]}


@pytest.mark.parametrize("cycles", [0, 1, 4])
def test_too_few_cycles_show_no_trend(cycles):
    assert growing([{"leak": number} for number in range(cycles)], least=1) == {}
