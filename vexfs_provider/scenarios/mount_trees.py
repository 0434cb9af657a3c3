"""The filesystem in trees of mounts: bound, moved, shared, nested, overlaid, busy, frozen."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.filesystems.profile import Kind
from vexfs_provider.params import Names
from vexfs_provider.scenarios.attempt import LOST_GUEST, attempt
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, load, prepare, run_checks, run_one

BIND, PROPAGATION, BUSY, OVERLAY = (
    "mount_bind",
    "mount_propagation",
    "mount_busy",
    "mount_overlay",
)
TIMEOUT_S = 120.0
COSTLY = (*LOST_GUEST, FilesystemError)

CHECKS = (
    Check(BIND, "bind_mounts_show_the_same_files"),
    Check(BIND, "recursive_bind_takes_what_is_mounted_below"),
    Check(BIND, "moved_mounts_keep_their_open_files"),
    Check(PROPAGATION, "shared_mounts_spread_both_ways"),
    Check(PROPAGATION, "private_mounts_do_not_spread"),
    Check(PROPAGATION, "slave_mounts_only_receive"),
    Check(PROPAGATION, "unbindable_mounts_cannot_be_bound"),
    Check(OVERLAY, "overlay_with_it_below"),
    Check(OVERLAY, "overlay_with_it_above", ("overlay_upper",)),
    Check(OVERLAY, "overlay_with_it_in_both_layers", ("overlay_upper",)),
    Check("mount_idmapped", "idmapped_mounts_show_other_owners", ("idmapped_mounts",)),
    Check("mount_freeze", "frozen_filesystems_keep_writers_waiting", ("freeze",), TIMEOUT_S),
)
OF_MANY_MOUNTS = (
    Check(BUSY, "a_hundred_mounts_at_once", timeout_s=TIMEOUT_S),
    Check(BUSY, "processes_race_for_mounts", timeout_s=TIMEOUT_S),
)
OF_A_SUBJECT = (
    Check(BUSY, "busy_mounts_are_not_unmounted"),
    Check(BUSY, "detached_mounts_live_until_the_last_close", ("unlinked_open",)),
    *OF_MANY_MOUNTS,
)
"""Those that mount the filesystem once more by mount(2), and are told how."""

NESTED = Check(BIND, "nested_filesystems_stay_apart")
QUOTA = Check("mount_quota", "users_get_what_their_quota_says", ("quota",), TIMEOUT_S)


def run(bench: Bench, *, reference: Annotated[tuple[str, ...], Names()] = ("ext4",)) -> None:
    """Each check works in a mount namespace of its own, so that nothing it mounts is left.

    The first ``reference`` is the other filesystem of those that are nested; it takes a second
    disk, unless it needs none. Quota is checked on a filesystem that is made for it. No metrics.
    """
    attempt(bench, partial(_nested, bench, reference[0]), COSTLY)
    attempt(bench, partial(_with_quota, bench), COSTLY)
    run_checks(bench, [*CHECKS, *_of_a_subject(bench)])


def _of_a_subject(bench: Bench) -> list[Check]:
    """Those checks with how to mount the filesystem; by bind mounts where it is mounted once."""
    subject = bench.filesystem.system_call(bench.device)
    if bench.profile.kind is Kind.FUSE:
        bench.unsupported("many mounts, races for mounts: a daemon serves one mount")
        checks = [check for check in OF_A_SUBJECT if check not in OF_MANY_MOUNTS]
        subject["device"] = ""
    else:
        checks = list(OF_A_SUBJECT)
    return [replace(check, arguments={"subject": subject}) for check in checks]


def _nested(bench: Bench, name: str) -> bool:
    """Run the check of two filesystems; True, since an attempt must return something."""
    other, device = bench.neighbour(name, 0)
    with bench.step(f"mkfs of {name}"):
        other.make(device)
    check = replace(NESTED, arguments={"other": other.system_call(device)})
    prepare(bench, [check])
    run_one(bench, check)
    bench.unmount()
    return True


def _with_quota(bench: Bench) -> bool:
    """Run the check of quota on a filesystem made and mounted for it."""
    made_for = bench.profile.made_for.get("quota")
    if made_for is None or not bench.profile.can("quota"):
        bench.unsupported(f"{QUOTA.name}: needs quota, claimed and in made_for of the profile")
        return True
    load(bench, [QUOTA])
    bench.make("quota")
    bench.mount(made_for.mount)
    run_one(bench, replace(QUOTA, arguments={"device": bench.device}))
    bench.unmount()
    return True
