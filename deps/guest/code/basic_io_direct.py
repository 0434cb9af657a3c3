"""Runs in the guest: the check of O_DIRECT beside the page cache."""

import errno
import mmap
import os

from basic_io_model import BLOCK, compare, put
from checking import check, pattern


@check
def direct_io_agrees_with_buffered_io(case, device):
    logical = logical_block_size(device)
    for unit in sorted({512, logical, BLOCK}):
        path, model = case.path(f"by {unit}"), bytearray(pattern(8 * unit, unit))
        with mmap.mmap(-1, len(model)) as buffer:  # memory on a page border, as O_DIRECT wants it
            buffer[:] = bytes(model)
            direct = os.open(path, os.O_RDWR | os.O_CREAT | os.O_DIRECT)
            try:
                written = os.pwritev(direct, [buffer], 0)
            except OSError as error:
                os.close(direct)
                if unit < logical and error.errno == errno.EINVAL:
                    continue  # open(2): what is no multiple of the logical block may be refused
                raise
            case.equal(f"bytes a direct write by {unit} takes", expected=len(model), actual=written)
            compare(case, f"content after a direct write by {unit}", path, bytes(model))
            with open(path, "r+b") as file:
                file.seek(2 * unit - 5)
                file.write(b"buffered")
                file.flush()
                os.fsync(file.fileno())
            put(model, 2 * unit - 5, b"buffered")
            got = os.preadv(direct, [buffer], 0)
            case.equal(f"bytes a direct read by {unit} gives", expected=len(model), actual=got)
            what = f"direct read by {unit} after a buffered write"
            case.equal(what, expected=bytes(model), actual=bytes(buffer))
            os.close(direct)


def logical_block_size(device):
    """Of a block device, in bytes; 512, the smallest there is, for a filesystem without one."""
    if not device:
        return 512
    with open(f"/sys/class/block/{os.path.basename(device)}/queue/logical_block_size") as file:
        return int(file.read())
