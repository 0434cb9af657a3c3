"""Lists of operations: all short ones of a small name space, and random ones from a seed."""

from vexfs_provider.ops.exhaustive import (
    core_operations,
    exhaustive,
    exhaustive_count,
    exhaustive_sample,
    setup,
)
from vexfs_provider.ops.mix import DEFAULT_MIX, WITH_ENVIRONMENT
from vexfs_provider.ops.random_lists import random_list

__all__ = [
    "DEFAULT_MIX",
    "WITH_ENVIRONMENT",
    "core_operations",
    "exhaustive",
    "exhaustive_count",
    "exhaustive_sample",
    "random_list",
    "setup",
]
