"""Several processes at work on the same files and folders."""

from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, run_checks

NAMES, RACES, FILES = "concurrent_access", "concurrent_races", "concurrent_files"

CHECKS = (
    Check(NAMES, "files_in_different_folders_are_all_there"),
    Check(NAMES, "files_in_one_folder_are_all_there"),
    Check(NAMES, "settled_names_are_listed_during_changes"),
    Check(RACES, "one_process_creates_a_name"),
    Check(RACES, "one_process_links_a_name", needs=("hardlink",)),
    Check(RACES, "one_process_renames_a_source"),
    Check(RACES, "a_replaced_name_is_always_there"),
    Check(RACES, "moves_between_folders_lose_nothing"),
    Check(RACES, "links_are_counted", needs=("hardlink",)),
    Check(FILES, "appends_are_not_lost"),
    Check(FILES, "writers_of_different_ranges_do_not_disturb"),
    Check(FILES, "mapped_writers_do_not_disturb", needs=("mmap_write",)),
    Check(FILES, "readers_see_only_written_bytes"),
)


def run(bench: Bench) -> None:
    """Processes create, rename, write and delete at once; whatever their order, nothing is lost.

    The number of operations is fixed, so a run takes as long as the filesystem does; one that
    hangs is found by its check's deadline.
    """
    run_checks(bench, CHECKS)
