"""Space: what files take, what they give back, and a filesystem without any left."""

from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, run_checks

TIMEOUT_S = 180.0

CHECKS = (
    Check("space_accounting", "free_blocks_follow_files", timeout_s=TIMEOUT_S),
    Check("space_accounting", "small_files_give_their_blocks_back", timeout_s=TIMEOUT_S),
    Check("space_accounting", "truncate_frees_blocks", timeout_s=TIMEOUT_S),
    Check(
        "space_accounting",
        "unlinked_file_gives_its_blocks_back_when_closed",
        ("unlinked_open",),
        TIMEOUT_S,
    ),
    Check("space_accounting", "punch_hole_frees_blocks", ("punch_hole",), TIMEOUT_S),
    Check("space_accounting", "sparse_file_takes_no_blocks", ("sparse",), TIMEOUT_S),
    Check("space_names", "directory_takes_many_names", timeout_s=TIMEOUT_S),
    Check("space_names", "names_can_be_made_again_and_again", timeout_s=TIMEOUT_S),
    Check("space_fill", "fallocate_beyond_the_free_space_is_refused", ("fallocate",), TIMEOUT_S),
    Check("space_fill", "full_filesystem_keeps_what_it_took", timeout_s=TIMEOUT_S),
)


def run(bench: Bench) -> None:
    """Free counts follow what is written and removed; ENOSPC comes when it must and harms nothing.

    No metrics. A large filesystem is filled up to some tens of MiB by one fallocate(2) where there
    is one; elsewhere it is filled by writing, so choose a small disk (``image_size_test``).
    """
    run_checks(bench, CHECKS)
