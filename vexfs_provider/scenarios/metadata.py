"""Names, directories, links, attributes and times: what is not the content of files."""

from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, run_checks

TIMEOUT_S = 120.0
SYMLINK = ("symlink",)
HARDLINK = ("hardlink",)
XATTR = ("user_xattr",)


def _checks(module: str, *names: str, needs: tuple[str, ...] = ()) -> list[Check]:
    return [Check(f"metadata_{module}", name, needs, TIMEOUT_S) for name in names]


CHECKS = (
    *_checks(
        "directories",
        "mkdir_makes_an_empty_directory",
        "rmdir_removes_empty_directories_only",
        "removed_directory_stays_open_and_empty",
        "deep_trees_keep_their_levels",
        "directory_link_count_is_two_plus_subdirectories",
        "dot_and_dotdot_lead_to_self_and_parent",
    ),
    *_checks(
        "rename",
        "rename_gives_a_file_another_name",
        "rename_over_a_file_replaces_it",
        "rename_moves_a_file_across_directories",
        "rename_moves_a_directory_with_its_content",
        "rename_over_a_directory_needs_it_empty",
        "rename_into_itself_is_refused",
        "rename_does_not_mix_files_and_directories",
        "repeated_rename_leaves_one_name",
    ),
    *_checks("rename", "rename_keeps_open_descriptors_valid", needs=("unlinked_open",)),
    *_checks("rename", "rename_onto_own_hard_link_changes_nothing", needs=HARDLINK),
    *_checks("rename", "rename_moves_the_symlink_not_its_target", needs=SYMLINK),
    *_checks("rename", "rename_noreplace_never_replaces", needs=("rename_noreplace",)),
    *_checks("rename", "rename_exchange_swaps_two_names", needs=("rename_exchange",)),
    *_checks("rename", "rename_whiteout_leaves_a_whiteout", needs=("rename_whiteout",)),
    *_checks(
        "links",
        "link_gives_a_file_a_second_name",
        "link_refuses_what_it_must",
        "link_count_follows_many_links",
        needs=HARDLINK,
    ),
    *_checks(
        "links",
        "symlink_holds_its_target",
        "symlinks_are_followed",
        "symlink_loops_are_refused",
        "dangling_symlinks_lead_nowhere",
        needs=SYMLINK,
    ),
    *_checks("links", "unlinked_file_lives_until_it_is_closed", needs=("unlinked_open",)),
    *_checks(
        "modes",
        "chmod_sets_all_mode_bits",
        "umask_limits_the_mode_of_what_is_made",
        "chown_sets_user_and_group",
        "set_id_bits_are_dropped",
        "set_group_id_directory_hands_its_group_down",
    ),
    *_checks("modes", "lchown_changes_the_symlink", needs=SYMLINK),
    *_checks(
        "inodes",
        "inode_numbers_are_unique_and_stable",
        "stat_counts_blocks_of_512_bytes",
        "statvfs_describes_the_filesystem",
    ),
    *_checks("inodes", "mknod_makes_every_type", needs=("mknod",)),
    *_checks(
        "names",
        "odd_names_are_kept_as_bytes",
        "every_byte_makes_a_name",
        "long_names_are_kept_whole",
        "names_of_every_length_are_told_apart",
        "names_differ_by_case",
    ),
    *_checks(
        "times",
        "operations_change_the_times_they_should",
        "read_changes_atime_only",
        "utimensat_sets_the_times_given",
        "times_before_1970_are_kept",
        "times_after_2038_are_kept",
    ),
    *_checks("times", "links_change_the_times_they_should", needs=HARDLINK),
    *_checks(
        "xattr",
        "xattr_keeps_its_value",
        "xattr_flags_are_obeyed",
        "xattr_values_are_whole_or_refused",
        "xattr_names_are_told_apart",
        "xattr_belongs_to_the_inode",
        needs=XATTR,
    ),
    *_checks(
        "readdir",
        "readdir_lists_stable_names_once_amid_changes",
        "readdir_lets_a_reader_remove_what_it_sees",
        "readdir_goes_on_after_seek",
        "directory_entries_have_the_type_of_their_file",
        "directory_entries_have_the_inode_of_their_file",
    ),
    *_checks("rate", "metadata_rate"),
)

UNLESS = {
    "directory_entry_inodes": "directory_entries_have_the_inode_of_their_file",
    "directory_nlink": "directory_link_count_is_two_plus_subdirectories",
    "one_user": "set_id_bits_are_dropped",
    "times_before_1970": "times_before_1970_are_kept",
    "times_after_2038": "times_after_2038_are_kept",
}
"""Expected differences of a profile, and the check that each makes pointless."""


def run(bench: Bench) -> None:
    """Directories, rename, links, inodes, names, times, attributes and readdir, each by its rule.

    Metrics: metadata_operations_per_sec (calls a second; a sample is 60 files, each created,
    closed, looked up, renamed and removed, by one process and without a sync).
    """
    differences = bench.profile.expected_differences
    pointless = {check: name for name, check in UNLESS.items() if name in differences}
    for check, name in pointless.items():
        bench.unsupported(f"{check}: {differences[name]}")
    run_checks(bench, [check for check in CHECKS if check.name not in pointless])
