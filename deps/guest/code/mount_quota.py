"""Runs in the guest: a check of user quota through quotactl(2).

Numbers and struct if_dqblk: linux/quota.h. Blocks of limits are 1024 bytes.
"""

import ctypes
import errno
import os
import struct

from checking import check, pattern
from syscalls import LIBC, sync_filesystem

Q_GETQUOTA = 0x800007
Q_SETQUOTA = 0x800008
QIF_LIMITS = 5  # QIF_BLIMITS | QIF_ILIMITS
IF_DQBLK = struct.Struct("=QQQQQQQQIxxxx")
USER = 1000
BLOCK = 1024
BLOCKS = 2048  # 2 MiB
INODES = 20
CHUNK = 65536


@check
def users_get_what_their_quota_says(case, device):
    """EDQUOT at the limits of blocks and inodes; root has none; what is removed counts no more."""
    os.chmod(case.folder, 0o777)
    _set(device, BLOCKS, INODES)
    os.seteuid(USER)
    try:
        made, taken = _create_all(case), _write_all(case)
    finally:
        os.seteuid(0)
    case.true("bytes up to the limit", taken <= BLOCKS * BLOCK, f"{taken} were taken")
    case.true("bytes are not refused early", taken >= BLOCKS * BLOCK // 2, f"{taken} were taken")
    case.equal("files up to the limit", expected=INODES, actual=made)
    sync_filesystem(case.folder)
    space, inodes = _get(device)
    case.true("the user's bytes are counted", taken <= space <= BLOCKS * BLOCK, f"{space}")
    case.equal("the user's files are counted", expected=INODES, actual=inodes)
    with open(case.path("of_root"), "wb") as file:
        file.write(pattern(CHUNK) * (BLOCKS * BLOCK // CHUNK + 4))
    for name in os.listdir(case.folder):
        os.unlink(case.path(name))
    sync_filesystem(case.folder)
    case.equal("bytes and files after removing all", expected=(0, 0), actual=_get(device))


def _write_all(case):
    """Bytes that the user may write to one file, which is there already."""
    taken = 0
    descriptor = os.open(case.path("f0"), os.O_WRONLY)
    try:
        while taken <= 2 * BLOCKS * BLOCK:
            taken += os.write(descriptor, pattern(CHUNK))
            os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EDQUOT:
            raise
    else:
        case.fail("writing ends with EDQUOT", f"at {BLOCKS * BLOCK} bytes", f"{taken} were taken")
    finally:
        os.close(descriptor)
    return taken


def _create_all(case):
    """Empty files that the user may make."""
    for number in range(2 * INODES):
        try:
            os.close(os.open(case.path(f"f{number}"), os.O_WRONLY | os.O_CREAT, 0o644))
        except OSError as error:
            if error.errno != errno.EDQUOT:
                raise
            return number
    case.fail("creating ends with EDQUOT", f"at {INODES} files", f"{2 * INODES} were made")
    return 2 * INODES


def _set(device, blocks, inodes):
    limits = IF_DQBLK.pack(blocks, blocks, 0, inodes, inodes, 0, 0, 0, QIF_LIMITS)
    _quotactl(Q_SETQUOTA, device, ctypes.create_string_buffer(limits))


def _get(device):
    """The user's bytes and files."""
    answer = ctypes.create_string_buffer(IF_DQBLK.size)
    _quotactl(Q_GETQUOTA, device, answer)
    _, _, space, _, _, inodes, *_ = IF_DQBLK.unpack(answer.raw)
    return space, inodes


def _quotactl(command, device, buffer):
    if LIBC.quotactl(ctypes.c_int(command << 8), os.fsencode(device), USER, buffer) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
