"""What read, write and their kin do to the bytes of a file."""

from typing import Annotated

from vexfs_provider.params import Range
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, run_checks

TIMEOUT_S = 120.0


def run(bench: Bench, *, seed: Annotated[int, Range(0, 999_999_999)] = 1) -> None:
    """Write files in every way there is and compare all their bytes with a model.

    ``seed`` chooses the random writes. Contents are compared as cached and as read from the device.

    Metrics: basic_io_throughput_mbps (megabytes of 10^6 bytes a second, five samples): bytes
    written and read, by the time to write 32 new files of 48 KiB, syncfs, drop them from the cache
    and read them. Such files fit any filesystem, so that its value can be compared with others'.
    """
    run_checks(bench, _checks(bench, seed))


def _checks(bench: Bench, seed: int) -> list[Check]:
    """Those that need the least of a filesystem come first, what may cost a guest late."""
    return [
        _check("writes", "sequential_writes_are_read_back"),
        _check("descriptors", "reads_end_at_the_end"),
        _check("writes", "empty_writes_change_nothing"),
        _check("writes", "overwrite_changes_only_its_own_bytes"),
        _check("writes", "append_adds_to_the_end"),
        _check("writes", "positional_io_keeps_the_file_offset"),
        _check("writes", "vectored_io_keeps_the_order"),
        _check("descriptors", "descriptors_have_offsets_of_their_own"),
        _check("descriptors", "open_flags_are_obeyed"),
        _check("descriptors", "seeks_set_the_offset"),
        _check("sizes", "sizes_around_block_borders"),
        _check("sizes", "truncated_bytes_do_not_come_back"),
        _check("sizes", "holes_read_as_zeros"),
        _check("writes", "random_writes_match_a_model", seed=seed),
        _check("descriptors", "sync_calls_succeed"),
        _check("writes", "copied_ranges_equal_their_source"),
        _check("sizes", "growth_past_direct_blocks_is_whole_or_refused"),
        _check("sizes", "sizes_around_indirect_blocks", "indirect_blocks"),
        _check("sizes", "far_offsets_hold_data", "large_files", "sparse"),
        _check("sizes", "seeks_find_holes", "seek_hole"),
        _check("direct", "direct_io_agrees_with_buffered_io", "o_direct", device=bench.device),
        _check("mmap", "mapped_reads_agree_with_reads"),
        _check("mmap", "last_mapped_page_ends_in_zeros"),
        _check("mmap", "private_mappings_keep_their_writes"),
        _check("mmap", "shared_mappings_write_to_the_file", "mmap_write"),
        _check("mmap", "shared_mappings_fill_holes", "mmap_write"),
        _check("fallocate", "preallocated_blocks_read_as_zeros", "fallocate"),
        _check("fallocate", "preallocation_can_keep_the_size", "fallocate"),
        _check("fallocate", "punched_holes_read_as_zeros", "punch_hole"),
        _check("fallocate", "zeroed_ranges_read_as_zeros", "zero_range"),
        _check("fallocate", "collapsed_ranges_close_up", "collapse_range"),
        _check("fallocate", "inserted_ranges_move_the_rest", "insert_range"),
        _check("throughput", "throughput"),
    ]


def _check(module: str, name: str, *needs: str, **arguments: int | str) -> Check:
    return Check(f"basic_io_{module}", name, needs, TIMEOUT_S, arguments)
