"""Runs in the guest: a check of mounts with mapped user ids (MOUNT_ATTR_IDMAP)."""

import errno
import os

from mount_subject import mount_check, put
from mounting import idmapped, place_for, unmount

SHIFT = 100_000
USER = 1000


@mount_check
def idmapped_mounts_show_other_owners(case, place):
    """Ids are mapped on the way out and back on the way in; what has no mapping is refused."""
    view = place_for(place, "view")
    put(case.path("file"))
    os.chown(case.path("file"), USER, USER)
    put(case.path("stranger"))
    os.chown(case.path("stranger"), 2 * SHIFT, 2 * SHIFT)
    os.chmod(case.folder, 0o755)
    idmapped(case.folder, view, SHIFT)
    _owner(case, "owner through an idmapped mount", f"{view}/file", SHIFT + USER)
    _owner(case, "owner that the mapping lacks", f"{view}/stranger", _overflow_id())
    os.chown(f"{view}/file", SHIFT + 7, SHIFT + 7)
    _owner(case, "owner set through an idmapped mount", case.path("file"), 7)
    case.raises(
        "set an owner that the mapping lacks", errno.EOVERFLOW, os.chown, f"{view}/file", 5, 5
    )
    os.chown(case.folder, USER, USER)
    os.setegid(SHIFT + USER)
    os.seteuid(SHIFT + USER)
    try:
        put(f"{view}/made")
        os.mkdir(f"{view}/folder")
    finally:
        os.seteuid(0)
        os.setegid(0)
    _owner(case, "owner of a file made through an idmapped mount", case.path("made"), USER)
    _owner(case, "owner of a folder made through it", case.path("folder"), USER)
    unmount(view)


def _owner(case, operation, path, wanted):
    status = os.stat(path)
    case.equal(operation, expected=[wanted, wanted], actual=[status.st_uid, status.st_gid])


def _overflow_id():
    with open("/proc/sys/kernel/overflowuid") as file:
        return int(file.read())
