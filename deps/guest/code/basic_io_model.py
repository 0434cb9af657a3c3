"""Runs in the guest: the model of a file's bytes that the checks of basic_io compare files with.

Contents are compared twice: as the page cache has them, and read anew after an fsync. Files stay
within twelve blocks of 4096 bytes, which every filesystem has, except where a check is about
larger ones.
"""

import os

from checking import read_file

BLOCK = 4096
DIRECT_BLOCKS = 12  # that ext2 and its descendants keep in the inode itself
MOST_BYTES = DIRECT_BLOCKS * BLOCK


def compare(case, operation, path, expected):
    """The content of a file must be ``expected``: as it is cached, and read from the device."""
    if not case.equal(operation, expected=expected, actual=read_file(path)):
        return False
    drop_cache(path)
    what = f"{operation}, read from the device"
    return case.equal(what, expected=expected, actual=read_file(path))


def drop_cache(path):
    """Write a file back and forget its cached pages (those that a mapping holds stay)."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def put(model, offset, data):
    """Write into a model as pwrite would: what lies between its end and ``offset`` is zero."""
    if data and len(model) < offset:
        resize(model, offset)
    model[offset : offset + len(data)] = data


def resize(model, size):
    """Cut a model, or make it longer with zeros."""
    del model[size:]
    model.extend(bytes(size - len(model)))


def close_all(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)
