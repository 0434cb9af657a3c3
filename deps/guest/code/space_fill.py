"""Runs in the guest: checks of a filesystem that is filled until it has no space left."""

import errno
import os
import struct

from checking import check, difference, read_file, write_file
from space_accounting import MIB, SLACK, available_bytes, require_free, settled
from syscalls import fallocate

ROOM = 40 * MIB  # what is left free for the writes; what is more is taken by one fallocate
STEPS = (MIB, 65536, 4096, 512)  # bytes a write: ever smaller ones go on where larger do not fit
BLOCK = 4096
STAMP = struct.Struct(">QQ")
LEAST_SHARE = 0.5  # of what was available before must take data before ENOSPC


class Filler:
    """Writes one file of which every block can be told apart, whatever the size of the writes."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self.size = 0

    def write(self, step, limit):
        """Write ``step`` bytes at a time until ENOSPC or beyond ``limit``."""
        chunk, held = b"", -1
        while self.size <= limit:
            number, start = divmod(self.size, MIB)
            if number != held:
                chunk, held = memoryview(_content(number)), number
            try:
                self.size += os.pwrite(self.descriptor, chunk[start : start + step], self.size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return

    def compare(self, case, operation):
        """Read all from the disk and compare it with what was written."""
        os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        for offset in range(0, self.size, MIB):
            wanted = _content(offset // MIB)[: self.size - offset]
            actual = os.pread(self.descriptor, len(wanted), offset)
            if wanted != actual:
                expected, found = difference(wanted, actual)
                case.fail(operation, f"{expected} in MiB {offset // MIB}", found)
                return


def _content(number):
    """MiB ``number`` of the file: each block begins with its place."""
    content = bytearray(b"fill" * (MIB // 4))
    for offset in range(0, MIB, BLOCK):
        STAMP.pack_into(content, offset, number, offset)
    return bytes(content)


def _take_all_but(case, room):
    """Fill a large filesystem quickly, where it has fallocate(2)."""
    excess = available_bytes(case.folder) - room
    descriptor = os.open(case.path("ballast"), os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        if excess > 0:
            fallocate(descriptor, 0, 0, excess)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.ENOSPC):
            raise
    finally:
        os.close(descriptor)


@check
def full_filesystem_keeps_what_it_took(case):
    """Fill to ENOSPC; all that was acknowledged is right; deleting it gives the space back."""
    empty = settled(case.folder, lambda _: True)
    _take_all_but(case, ROOM)
    free = settled(case.folder, lambda _: True)
    available = available_bytes(case.folder)
    filler = Filler(case.path("full"))
    try:
        for step in STEPS:
            filler.write(step, free + SLACK)
        os.fsync(filler.descriptor)
        if filler.size > free + SLACK:
            case.fail("writing ends with ENOSPC", f"at {free} bytes", f"{filler.size} were taken")
        if filler.size < available * LEAST_SHARE:
            case.fail(
                "ENOSPC comes when it is full", f"near {available} bytes", f"at {filler.size}"
            )
        size = os.lstat(case.path("full")).st_size
        case.equal("size of the file that filled it", expected=filler.size, actual=size)
        filler.compare(case, "content of the file that filled it")
        _use_when_full(case)
        _grow_again(case, filler)
    finally:
        os.close(filler.descriptor)
    for name in os.listdir(case.folder):
        os.unlink(case.path(name))
    require_free(case, "free after deleting all", least=empty - SLACK)
    write_file(case.path("after"), _content(1))
    case.equal("a file written after", expected=_content(1), actual=read_file(case.path("after")))


def _use_when_full(case):
    """A new name is made, or refused for want of space and then not there."""
    try:
        os.close(os.open(case.path("empty"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        case.true("no name is left of a refused one", "empty" not in os.listdir(case.folder))
    case.true("the full directory can be read", "full" in os.listdir(case.folder))


def _grow_again(case, filler):
    """Half of it deleted, the same file takes as much again."""
    half = filler.size // 2 // MIB * MIB
    wanted = half + half // 2
    os.ftruncate(filler.descriptor, half)
    settled(case.folder, lambda free: free >= half // 2)
    filler.size = half
    filler.write(MIB, wanted)
    case.true("a truncated file grows again", filler.size > wanted, f"to {filler.size} bytes")
    os.fsync(filler.descriptor)
    filler.compare(case, "content of the file that grew again")


@check
def fallocate_beyond_the_free_space_is_refused(case):
    """ENOSPC for more than there is; afterwards as much is free as before."""
    before = settled(case.folder, lambda _: True)
    descriptor = os.open(case.path("file"), os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        more = before + 64 * MIB
        case.raises("reserve more than is free", errno.ENOSPC, fallocate, descriptor, 0, 0, more)
    finally:
        os.close(descriptor)
    os.unlink(case.path("file"))
    require_free(case, "free after it", least=before - SLACK)
