"""Runs in the guest: checks at limits: the largest file, the last inode, the last descriptor."""

import errno
import os
import resource

from checking import check, pattern, read_file, write_file
from space_accounting import settled

LARGEST_OFFSET = (1 << 63) - 1
DESCRIPTORS = 512
FEW = 50_000  # inodes; more take too long to use up
STEP = 16  # inodes given back


@check
def largest_file_is_made(case):
    """The last byte that a file can have is written; one more is EFBIG, and changes nothing."""
    descriptor = os.open(case.path("file"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        limit = _limit(descriptor)
        case.true("files of 2 GiB and more", limit >= 1 << 31, f"{limit} bytes at most")
        os.pwrite(descriptor, b"first", 0)
        os.pwrite(descriptor, b"z", limit - 1)
        os.fsync(descriptor)
        size = os.fstat(descriptor).st_size
        case.equal("size with the last byte", expected=limit, actual=size)
        case.equal("the last byte", expected=b"z", actual=_end(descriptor, limit))
        # At the end of what an offset can say, there is no offset for one more.
        beyond = (errno.EFBIG,) if limit < LARGEST_OFFSET else (errno.EFBIG, errno.EINVAL)
        case.raises("write behind the largest file", beyond, os.pwrite, descriptor, b"x", limit)
        if limit < LARGEST_OFFSET:
            grow = limit + 1
            case.raises("grow beyond it", errno.EFBIG, os.ftruncate, descriptor, grow)
        size = os.fstat(descriptor).st_size
        case.equal("size after what was refused", expected=limit, actual=size)
    finally:
        os.close(descriptor)


def _limit(descriptor):
    """The largest size of a file: lseek(2) refuses every offset beyond it."""
    low, high = 0, LARGEST_OFFSET
    while low < high:
        middle = (low + high + 1) // 2
        try:
            os.lseek(descriptor, middle, os.SEEK_SET)
            low = middle
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            high = middle - 1
    return low


def _end(descriptor, limit):
    """What is read from the last byte on; one byte is all that the largest offset allows."""
    return os.pread(descriptor, min(2, LARGEST_OFFSET - limit + 1), limit - 1)


@check
def largest_file_is_found(case, made_in):
    """Both ends of it, and nothing between."""
    descriptor = os.open(os.path.join(made_in, "file"), os.O_RDONLY)
    try:
        limit = _limit(descriptor)
        size = os.fstat(descriptor).st_size
        case.equal("size of the largest file", expected=limit, actual=size)
        ends = os.pread(descriptor, 5, 0), _end(descriptor, limit)
        case.equal("its ends", expected=(b"first", b"z"), actual=ends)
        hole = os.pread(descriptor, 4096, limit // 2)
        case.equal("bytes in its middle", expected=bytes(4096), actual=hole)
    finally:
        os.close(descriptor)
    os.unlink(os.path.join(made_in, "file"))


@check
def inodes_run_out_and_return(case):
    """ENOSPC when none is left; what there is goes on working; removed files give theirs back."""
    free = _free_inodes(case.folder)
    if not case.true("few inodes are free", 0 < free <= FEW, f"{free}"):
        return
    write_file(case.path("grows"), b"a")
    made = _use_up(case)
    case.true("all free inodes were used", made >= (free - 1) * 0.9, f"{made} of {free}")
    for action, name in ((os.mkdir, "folder"), (_create, "one_more")):
        case.raises(f"make a {name} without an inode", errno.ENOSPC, action, case.path(name))
        case.true(f"no {name} is left of the refused one", not os.path.lexists(case.path(name)))
    write_file(case.path("grows"), pattern(8192))
    content = read_file(case.path("grows"))
    case.equal("a file written meanwhile", expected=pattern(8192), actual=content)
    for number in range(STEP):
        os.unlink(case.path(f"f{number}"))
    settled(case.folder, lambda left: left >= STEP, _free_inodes)
    for number in range(STEP // 2):
        _create(case.path(f"again{number}"))
    wanted = made - STEP + STEP // 2 + 1
    case.equal("names at the end", expected=wanted, actual=len(os.listdir(case.folder)))
    for name in os.listdir(case.folder):
        os.unlink(case.path(name))
    left = settled(case.folder, lambda left: left >= free, _free_inodes)
    case.true("all inodes are free again", left >= free, f"{left} of {free}")


def _use_up(case):
    """Make empty files until none can be made; how many."""
    for number in range(2 * FEW):
        try:
            _create(case.path(f"f{number}"))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return number
    case.fail("making files ends with ENOSPC", f"before {2 * FEW}", "they were all made")
    return 2 * FEW


def _create(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))


def _free_inodes(folder):
    return os.statvfs(folder).f_ffree


@check
def descriptors_run_out_and_return(case):
    """EMFILE at the limit; open files work; a closed one makes room; the refused is not there."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, usual[1]))
    opened = []
    try:
        try:
            while len(opened) <= DESCRIPTORS:
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
                opened.append(os.open(case.path(f"f{len(opened)}"), flags, 0o644))
            case.fail("open ends with EMFILE", f"at {DESCRIPTORS}", f"{len(opened)} were opened")
        except OSError as error:
            if error.errno != errno.EMFILE:
                raise
        refused = case.path(f"f{len(opened)}")
        case.true("no file is left of the refused open", not os.path.lexists(refused))
        for number, descriptor in enumerate(opened):
            os.pwrite(descriptor, pattern(64, number), 0)
        os.close(opened.pop())
        opened.append(os.open(case.path("room"), os.O_RDWR | os.O_CREAT, 0o644))
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
    for number in range(len(opened)):
        wanted = pattern(64, number)
        content = read_file(case.path(f"f{number}"))
        if not case.equal("a file written at the limit", expected=wanted, actual=content):
            return
