"""Runs in the guest: checks of mapped files, beside the same files read and written."""

import mmap
import os

from basic_io_model import BLOCK, compare, drop_cache, put
from checking import check, pattern, write_file


@check
def mapped_reads_agree_with_reads(case):
    path, data = case.path("file"), pattern(3 * BLOCK + 77)
    write_file(path, data)
    drop_cache(path)
    with open(path, "r+b") as file:
        for name, kind in (("shared", mmap.MAP_SHARED), ("private", mmap.MAP_PRIVATE)):
            with mmap.mmap(file.fileno(), 0, kind, mmap.PROT_READ) as mapping:
                case.equal(f"content of a {name} mapping", expected=data, actual=bytes(mapping))
        with mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ) as mapping:
            os.pwrite(file.fileno(), b"####", BLOCK - 2)
            seen = mapping[BLOCK - 2 : BLOCK + 2]
            case.equal("a write seen in a shared mapping", expected=b"####", actual=seen)


@check
def last_mapped_page_ends_in_zeros(case):
    """mmap(2): what remains of the last page after the end of the file is zeroed."""
    path, data = case.path("file"), pattern(2 * BLOCK)
    write_file(path, data)
    with open(path, "r+b") as file:
        mapping = mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ)
        os.ftruncate(file.fileno(), BLOCK + 100)
        expected = data[BLOCK:][:100] + bytes(BLOCK - 100)
        case.equal("last page after a truncate", expected=expected, actual=mapping[BLOCK:])
        mapping.madvise(mmap.MADV_DONTNEED)
        drop_cache(path)
        what = "last page read from the device"
        case.equal(what, expected=expected, actual=mapping[BLOCK:])
        mapping.close()


@check
def shared_mappings_write_to_the_file(case):
    path, model = case.path("file"), bytearray(pattern(4 * BLOCK + 50))
    write_file(path, model)
    drop_cache(path)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapping:
        for offset, size in ((5, 10), (BLOCK - 4, 8), (2 * BLOCK, BLOCK), (4 * BLOCK + 40, 10)):
            mapping[offset : offset + size] = b"#" * size
            put(model, offset, b"#" * size)
        content = os.pread(file.fileno(), len(model), 0)
        case.equal("read before msync", expected=bytes(model), actual=content)
        mapping.flush()
    compare(case, "content after msync", path, bytes(model))
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapping:
        mapping[100:104] = b"last"
    put(model, 100, b"last")
    compare(case, "content after an unmap without msync", path, bytes(model))


@check
def shared_mappings_fill_holes(case):
    path, model = case.path("file"), bytearray(6 * BLOCK)
    with open(path, "w+b") as file:
        file.truncate(len(model))
        with mmap.mmap(file.fileno(), 0) as mapping:
            for offset in (3 * BLOCK + 5, 0, 5 * BLOCK):
                mapping[offset : offset + 4] = b"####"
                put(model, offset, b"####")
    compare(case, "content of a hole written through a mapping", path, bytes(model))


@check
def private_mappings_keep_their_writes(case):
    path, data = case.path("file"), pattern(2 * BLOCK)
    write_file(path, data)
    with open(path, "rb") as file:
        access = mmap.PROT_READ | mmap.PROT_WRITE
        with mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, access) as mapping:
            mapping[10:14] = b"mine"
            case.equal("the mapping itself", expected=b"mine", actual=mapping[10:14])
    compare(case, "content after a write to a private mapping", path, data)
