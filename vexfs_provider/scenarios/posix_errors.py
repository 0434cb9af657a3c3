"""Bad uses of a filesystem, each of which must fail with the errno that is documented for it."""

from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, run_checks

TIMEOUT_S = 120.0  # a FUSE filesystem on a loaded host is slow with names

# Those that need the least of a filesystem come first. The rows are with the guest's code.
CHECKS = tuple(
    Check("posix_errors", name, tuple(needs), TIMEOUT_S)
    for name, *needs in (
        ("missing_names",),
        ("files_are_no_directories",),
        ("directories_are_no_files",),
        ("existing_names",),
        ("too_long_names",),
        ("bad_arguments",),
        ("bad_descriptors",),
        ("too_large_files",),
        ("other_mounts",),
        ("other_users",),
        ("symbolic_links", "symlink"),
        ("hard_links", "hardlink"),
        ("special_files", "mknod"),
        ("rename_noreplace", "rename_noreplace"),
        ("rename_exchange", "rename_exchange"),
        ("preallocation", "fallocate"),
        ("extended_attributes", "user_xattr"),
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
