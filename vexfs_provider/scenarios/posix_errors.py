"""Bad uses of a filesystem, each of which must fail with the errno that is documented for it."""

from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, run_checks

TIMEOUT_S = 120.0  # a FUSE filesystem on a loaded host is slow with names

# Those that need the least of a filesystem come first. The rows are with the guest's code.
CHECKS = tuple(
    Check(f"posix_errors_{module}", name, tuple(needs), TIMEOUT_S)
    for module, name, *needs in (
        ("names", "missing_names"),
        ("names", "files_are_no_directories"),
        ("directories", "directories_are_no_files"),
        ("names", "existing_names"),
        ("names", "too_long_names"),
        ("arguments", "bad_arguments"),
        ("arguments", "bad_descriptors"),
        ("arguments", "too_large_files"),
        ("directories", "other_mounts"),
        ("users", "other_users"),
        ("links", "symbolic_links", "symlink"),
        ("links", "hard_links", "hardlink"),
        ("links", "special_files", "mknod"),
        ("renames", "rename_noreplace", "rename_noreplace"),
        ("renames", "rename_exchange", "rename_exchange"),
        ("arguments", "preallocation", "fallocate"),
        ("attributes", "extended_attributes", "user_xattr"),
    )
)


def run(bench: Bench) -> None:
    """Misuse the filesystem in almost 150 ways; each must fail with its errno and change nothing.

    The errnos are those of Linux's manual pages, which a finding names. It measures nothing.
    """
    only_user = bench.profile.expected_differences.get("one_user")
    if only_user is None:
        run_checks(bench, CHECKS)
        return
    bench.unsupported(f"other_users: {only_user}")
    run_checks(bench, [check for check in CHECKS if check.name != "other_users"])
