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
        _check("sequential_writes_are_read_back"),
        _check("reads_end_at_the_end"),
        _check("empty_writes_change_nothing"),
        _check("overwrite_changes_only_its_own_bytes"),
        _check("append_adds_to_the_end"),
        _check("positional_io_keeps_the_file_offset"),
        _check("vectored_io_keeps_the_order"),
        _check("descriptors_have_offsets_of_their_own"),
        _check("open_flags_are_obeyed"),
        _check("seeks_set_the_offset"),
        _check("sizes_around_block_borders"),
        _check("truncated_bytes_do_not_come_back"),
        _check("holes_read_as_zeros"),
        _check("random_writes_match_a_model", seed=seed),
        _check("sync_calls_succeed"),
        _check("copied_ranges_equal_their_source"),
        _check("growth_past_direct_blocks_is_whole_or_refused"),
        _check("sizes_around_indirect_blocks", "indirect_blocks"),
        _check("far_offsets_hold_data", "large_files", "sparse"),
        _check("seeks_find_holes", "seek_hole"),
        _check("direct_io_agrees_with_buffered_io", "o_direct", device=bench.device),
        _check("mapped_reads_agree_with_reads"),
        _check("last_mapped_page_ends_in_zeros"),
        _check("private_mappings_keep_their_writes"),
        _check("shared_mappings_write_to_the_file", "mmap_write"),
        _check("shared_mappings_fill_holes", "mmap_write"),
        _check("preallocated_blocks_read_as_zeros", "fallocate"),
        _check("preallocation_can_keep_the_size", "fallocate"),
        _check("punched_holes_read_as_zeros", "punch_hole"),
        _check("zeroed_ranges_read_as_zeros", "zero_range"),
        _check("collapsed_ranges_close_up", "collapse_range"),
        _check("inserted_ranges_move_the_rest", "insert_range"),
        _check("throughput"),
    ]


def _check(name: str, *needs: str, **arguments: int | str) -> Check:
    return Check("basic_io", name, needs, TIMEOUT_S, arguments)
