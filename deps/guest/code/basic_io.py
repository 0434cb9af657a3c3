"""Runs in the guest: checks of what read, write and their kin do to the bytes of a file.

Contents are compared with a model, twice: as the page cache has them, and read anew after an
fsync. Files stay within twelve blocks of 4096 bytes, which every filesystem has, except where a
check is about larger ones.
"""

import errno
import mmap
import os
import random
import time

from checking import check, pattern, read_file, write_file
from syscalls import (
    FALLOC_FL_COLLAPSE_RANGE,
    FALLOC_FL_INSERT_RANGE,
    FALLOC_FL_KEEP_SIZE,
    FALLOC_FL_PUNCH_HOLE,
    FALLOC_FL_ZERO_RANGE,
    fallocate,
    sync_file_range,
    syncfs,
)

BLOCK = 4096
DIRECT_BLOCKS = 12  # that ext2 and its descendants keep in the inode itself
INDIRECT_BLOCKS = 1024  # that one more block of 32-bit numbers can name
MOST_BYTES = DIRECT_BLOCKS * BLOCK
SMALL_SIZES = (0, 1, 511, 512, 513, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, MOST_BYTES - 1)
LARGE_SIZES = tuple(
    size + around
    for size in (MOST_BYTES, 1 << 20, (DIRECT_BLOCKS + INDIRECT_BLOCKS) * BLOCK)
    for around in (-1, 0, 1)
)
FAR_OFFSETS = (
    (1 << 31) - 4,  # straddles the largest signed 32-bit number
    (1 << 32) - 4,
    (DIRECT_BLOCKS + INDIRECT_BLOCKS + INDIRECT_BLOCKS**2) * BLOCK - 4,  # into triple indirection
)
RANDOM_OPERATIONS = 120
MEASURED_FILES = 32
THROUGHPUT_SAMPLES = 5


@check
def sequential_writes_are_read_back(case):
    path, data = case.path("file"), pattern(MOST_BYTES - 100)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    for start in range(0, len(data), 1000):  # most chunks end within a block
        chunk = data[start : start + 1000]
        case.equal("bytes a write takes", expected=len(chunk), actual=os.write(descriptor, chunk))
    case.equal("size after the writes", expected=len(data), actual=os.fstat(descriptor).st_size)
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = iter(lambda: os.read(descriptor, 777), b"")
    case.equal("content read in small pieces", expected=data, actual=b"".join(parts))
    os.close(descriptor)
    compare(case, "content", path, data)


@check
def random_writes_match_a_model(case, seed):
    path, model, chance = case.path("file"), bytearray(), random.Random(seed)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    for _ in range(RANDOM_OPERATIONS):
        offset = chance.randrange(MOST_BYTES - 5000)
        action = chance.choice(("write", "write", "write", "read", "truncate"))
        if action == "write":
            data = chance.randbytes(chance.randint(1, 5000))
            os.pwrite(descriptor, data, offset)
            put(model, offset, data)
        elif action == "truncate":
            os.ftruncate(descriptor, offset)
            resize(model, offset)
        else:
            wanted, got = bytes(model[offset:][:5000]), os.pread(descriptor, 5000, offset)
            if not case.equal("a read among the writes", expected=wanted, actual=got):
                break
    os.close(descriptor)
    compare(case, "content after random writes and truncates", path, bytes(model))


@check
def overwrite_changes_only_its_own_bytes(case):
    path, model = case.path("file"), bytearray(pattern(5 * BLOCK))
    write_file(path, model)
    drop_cache(path)
    descriptor = os.open(path, os.O_WRONLY)
    for offset, size in ((10, 1), (BLOCK - 3, 7), (2 * BLOCK, BLOCK), (5 * BLOCK - 1, 1)):
        os.pwrite(descriptor, b"#" * size, offset)
        put(model, offset, b"#" * size)
    os.close(descriptor)
    compare(case, "content after overwriting parts", path, bytes(model))


@check
def append_adds_to_the_end(case):
    path = case.path("file")
    write_file(path, b"start")
    writers = [os.open(path, os.O_WRONLY | os.O_APPEND) for _ in range(3)]
    model = b"start"
    for turn in range(30):
        data = pattern(301, turn)
        writer = writers[turn % len(writers)]
        os.lseek(writer, 0, os.SEEK_SET)  # has no effect on where an append goes
        os.write(writer, data)
        model += data
        position = os.lseek(writer, 0, os.SEEK_CUR)
        case.equal("file offset after an append", expected=len(model), actual=position)
    # pwrite(2), BUGS: with O_APPEND Linux appends whatever the offset is.
    os.pwrite(writers[0], b"positioned", 0)
    close_all(writers)
    compare(case, "content after appends by several descriptors", path, model + b"positioned")


@check
def positional_io_keeps_the_file_offset(case):
    path, data = case.path("file"), pattern(2 * BLOCK)
    write_file(path, data)
    descriptor = os.open(path, os.O_RDWR)
    os.lseek(descriptor, 100, os.SEEK_SET)
    case.equal("pread", expected=data[BLOCK - 5 :][:10], actual=os.pread(descriptor, 10, BLOCK - 5))
    os.pwrite(descriptor, b"####", BLOCK)
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    case.equal("file offset after pread and pwrite", expected=100, actual=position)
    os.close(descriptor)
    compare(case, "content after pwrite", path, data[:BLOCK] + b"####" + data[BLOCK + 4 :])


@check
def vectored_io_keeps_the_order(case):
    path, data = case.path("file"), pattern(9000)
    pieces = [data[:1], b"", data[1:4096], data[4096:4100], data[4100:]]
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    case.equal("bytes writev takes", expected=9000, actual=os.writev(descriptor, pieces))
    case.equal("bytes pwritev takes", expected=9000, actual=os.pwritev(descriptor, pieces, 12000))
    for name, read in (
        ("readv", lambda buffers: os.readv(descriptor, buffers)),
        ("preadv", lambda buffers: os.preadv(descriptor, buffers, 12000)),
    ):
        os.lseek(descriptor, 0, os.SEEK_SET)
        buffers = [bytearray(size) for size in (3, 5000, 3997)]
        case.equal(f"bytes {name} gives", expected=9000, actual=read(buffers))
        case.equal(f"content by {name}", expected=data, actual=b"".join(buffers))
    os.close(descriptor)
    compare(case, "content after writev and pwritev", path, data + bytes(3000) + data)


@check
def reads_end_at_the_end(case):
    path = case.path("file")
    write_file(path, pattern(5000))
    descriptor = os.open(path, os.O_RDONLY)
    for offset, size, count in (
        (4990, 100, 10),
        (4999, 1, 1),
        (5000, 1, 0),
        (5001, 100, 0),
        (2 * BLOCK, BLOCK, 0),
        (1 << 40, BLOCK, 0),
        (0, 0, 0),
    ):
        what = f"bytes pread gives: {size} at {offset} of 5000"
        case.equal(what, expected=count, actual=len(os.pread(descriptor, size, offset)))
    os.close(descriptor)


@check
def empty_writes_change_nothing(case):
    path, data = case.path("file"), pattern(100)
    write_file(path, data)
    descriptor = os.open(path, os.O_RDWR)
    case.equal("result of a write of no bytes", expected=0, actual=os.write(descriptor, b""))
    result = os.pwrite(descriptor, b"", 3 * BLOCK)
    case.equal("result of a pwrite of no bytes past the end", expected=0, actual=result)
    os.close(descriptor)
    compare(case, "content after writes of no bytes", path, data)


@check
def truncated_bytes_do_not_come_back(case):
    """After a truncate down, whatever makes the file longer again shows zeros in between."""
    data = pattern(5 * BLOCK)
    for kept in (0, 100, BLOCK - 1, BLOCK, BLOCK + 1, 4 * BLOCK + 100):
        for settled in (False, True):
            path = case.path("file")
            write_file(path, data)
            if settled:
                drop_cache(path)
            os.truncate(path, kept)
            model = data[:kept]
            case.equal("size after truncate down", expected=kept, actual=os.stat(path).st_size)
            os.truncate(path, kept + 1000)
            compare(case, "content after truncate down and up", path, model + bytes(1000))
            os.truncate(path, kept)
            descriptor = os.open(path, os.O_WRONLY)
            os.pwrite(descriptor, b"end", kept + 1500)
            os.close(descriptor)
            whole = model + bytes(1500) + b"end"
            compare(case, "content after truncate down and a write past the end", path, whole)
            if case.failures:
                return


@check
def holes_read_as_zeros(case):
    path, model = case.path("file"), bytearray()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    # Past the end, further past it, into the hole before, over the border of hole and data.
    for offset, size in ((20000, 100), (10 * BLOCK, BLOCK), (2 * BLOCK + 5, 50), (19990, 20)):
        data = pattern(size, offset)
        case.equal("bytes a write takes", expected=size, actual=os.pwrite(descriptor, data, offset))
        put(model, offset, data)
        content = os.pread(descriptor, MOST_BYTES, 0)
        case.equal("content of a file with holes", expected=bytes(model), actual=content)
    os.ftruncate(descriptor, MOST_BYTES)
    os.close(descriptor)
    resize(model, MOST_BYTES)
    compare(case, "content of a file with holes and a truncated up end", path, bytes(model))


@check
def descriptors_have_offsets_of_their_own(case):
    path, data = case.path("file"), pattern(MOST_BYTES)
    write_file(path, data)
    readers = [os.open(path, os.O_RDONLY) for _ in range(100)]
    for number, reader in enumerate(readers):
        os.lseek(reader, number * 50, os.SEEK_SET)
    wrong = sum(
        os.read(reader, 50) != data[number * 50 :][:50] for number, reader in enumerate(readers)
    )
    case.equal("descriptors of 100 that read elsewhere", expected=0, actual=wrong)
    twin = os.dup(readers[0])
    os.lseek(twin, 1234, os.SEEK_SET)
    shared = os.lseek(readers[0], 0, os.SEEK_CUR)
    case.equal("offset of a descriptor after its duplicate moved", expected=1234, actual=shared)
    close_all([*readers, twin])
    one, other = os.open(path, os.O_RDWR), os.open(path, os.O_RDONLY)
    os.pwrite(one, b"seen", BLOCK)
    case.equal("a write as another sees it", expected=b"seen", actual=os.pread(other, 4, BLOCK))
    close_all([one, other])


@check
def open_flags_are_obeyed(case):
    path = case.path("file")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    write_file(path, pattern(9000))
    exclusive = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    case.raises("O_CREAT | O_EXCL of a file that exists", errno.EEXIST, os.open, path, exclusive)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
    compare(case, "content after O_CREAT of a file that exists", path, pattern(9000))
    os.close(os.open(path, os.O_WRONLY | os.O_TRUNC))
    compare(case, "content after O_TRUNC", path, b"")
    descriptor = os.open(path, os.O_RDWR)
    os.pwrite(descriptor, b"end", 6000)
    os.close(descriptor)
    compare(case, "content written past the end after O_TRUNC", path, bytes(6000) + b"end")


@check
def seeks_set_the_offset(case):
    path = case.path("file")
    write_file(path, pattern(5000))
    descriptor = os.open(path, os.O_RDONLY)
    for whence, offset, result in (
        ("SEEK_SET", 100, 100),
        ("SEEK_CUR", 50, 150),
        ("SEEK_CUR", -150, 0),
        ("SEEK_END", -1, 4999),
        ("SEEK_END", 1000, 6000),
    ):
        position = os.lseek(descriptor, offset, getattr(os, whence))
        case.equal(f"lseek {offset} with {whence}", expected=result, actual=position)
    case.equal("read after a seek past the end", expected=b"", actual=os.read(descriptor, 10))
    # Even a filesystem without holes has one at the end of the file: lseek(2), SEEK_HOLE.
    hole, data = (os.lseek(descriptor, 10, how) for how in (os.SEEK_HOLE, os.SEEK_DATA))
    case.equal("SEEK_HOLE in a file without holes", expected=5000, actual=hole)
    case.equal("SEEK_DATA in a file without holes", expected=10, actual=data)
    for name, how in (("SEEK_HOLE", os.SEEK_HOLE), ("SEEK_DATA", os.SEEK_DATA)):
        case.raises(f"{name} past the end", errno.ENXIO, os.lseek, descriptor, 5001, how)
    os.close(descriptor)


@check
def seeks_find_holes(case):
    path, second = case.path("file"), 64 * BLOCK
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    os.pwrite(descriptor, pattern(BLOCK), 0)
    os.pwrite(descriptor, pattern(BLOCK), second)
    os.ftruncate(descriptor, 2 * second)
    for when in ("before fsync", "after fsync"):
        hole = os.lseek(descriptor, 0, os.SEEK_HOLE)
        case.true(f"SEEK_HOLE finds the hole {when}", BLOCK <= hole < second, hole)
        data = os.lseek(descriptor, hole, os.SEEK_DATA)
        case.true(f"SEEK_DATA skips no data {when}", hole < data <= second, data)
        last = os.lseek(descriptor, second, os.SEEK_HOLE)
        case.true(f"SEEK_HOLE finds the last hole {when}", second < last < 2 * second, last)
        os.fsync(descriptor)
    os.close(descriptor)


@check
def sync_calls_succeed(case):
    path = case.path("file")
    for name, sync in (
        ("fsync", os.fsync),
        ("fdatasync", os.fdatasync),
        ("sync_file_range", lambda descriptor: sync_file_range(descriptor, 0, 0)),
    ):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.write(descriptor, pattern(9000, len(name)))
        sync(descriptor)
        os.close(descriptor)
        compare(case, f"content after {name}", path, pattern(9000, len(name)))
    write_file(path, pattern(9000), os.O_DSYNC)
    write_file(case.path("synchronous"), pattern(9000), os.O_SYNC)
    compare(case, "content written with O_DSYNC", path, pattern(9000))
    compare(case, "content written with O_SYNC", case.path("synchronous"), pattern(9000))
    folder = os.open(case.folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


@check
def copied_ranges_equal_their_source(case):
    source, target, data = case.path("source"), case.path("target"), pattern(5 * BLOCK + 77)
    write_file(source, data)
    write_file(target, b"#" * 100)
    reader, writer = os.open(source, os.O_RDONLY), os.open(target, os.O_RDWR)
    for start, count, place in ((0, BLOCK, 0), (BLOCK + 1, 2 * BLOCK, BLOCK), (5 * BLOCK, 77, 50)):
        done = 0
        while done < count:
            some = os.copy_file_range(reader, writer, count - done, start + done, place + done)
            if not case.true("copy_file_range gets on", some > 0, some):
                break
            done += some
    past = os.copy_file_range(reader, writer, BLOCK, len(data) + 1, 0)
    case.equal("copy_file_range past the end", expected=0, actual=past)
    close_all([reader, writer])
    whole = bytearray(data[:BLOCK] + data[BLOCK + 1 :][: 2 * BLOCK])
    put(whole, 50, data[5 * BLOCK :])
    compare(case, "content after copy_file_range", target, bytes(whole))


@check
def sizes_around_block_borders(case):
    for size in SMALL_SIZES:
        path, data = case.path("file"), random.Random(size).randbytes(size)
        write_file(path, data)
        compare_size(case, size, path)
        compare(case, f"content of {size} bytes", path, data)


@check
def sizes_around_indirect_blocks(case):
    """One file that grows, since it takes long to write a large one for each size."""
    path, data = case.path("file"), random.Random(1).randbytes(LARGE_SIZES[-1])
    descriptor, before = os.open(path, os.O_WRONLY | os.O_CREAT), 0
    for size in LARGE_SIZES:
        taken = os.write(descriptor, data[before:size])
        case.equal(f"bytes a write up to {size} takes", expected=size - before, actual=taken)
        compare_size(case, size, path)
        if not compare(case, f"content of {size} bytes", path, data[:size]):
            break
        before = size
    os.close(descriptor)


def compare_size(case, size, path):
    case.equal(f"size of {size} bytes", expected=size, actual=os.stat(path).st_size)


@check
def growth_past_direct_blocks_is_whole_or_refused(case):
    """A filesystem may have a largest file; reaching it must not hurt what is there."""
    path, data = case.path("file"), pattern(MOST_BYTES + 5 * BLOCK)
    descriptor, size = os.open(path, os.O_RDWR | os.O_CREAT), 0
    try:
        while size < len(data):
            size += os.write(descriptor, data[size : size + 3 * BLOCK])
    except OSError as error:
        if error.errno not in (errno.EFBIG, errno.ENOSPC):
            raise
    finally:
        os.close(descriptor)
    case.true("twelve blocks of 4096 bytes fit into a file", size >= MOST_BYTES, size)
    case.equal("size: what the writes took", expected=size, actual=os.stat(path).st_size)
    compare(case, "content: what the writes took", path, data[:size])


@check
def far_offsets_hold_data(case):
    path = case.path("file")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    for number, offset in enumerate(FAR_OFFSETS):
        os.pwrite(descriptor, pattern(16, number), offset)
        end = os.lseek(descriptor, 0, os.SEEK_END)
        case.equal(f"end of a file written at {offset}", expected=offset + 16, actual=end)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    for number, offset in enumerate(FAR_OFFSETS):
        around = bytes(16) + pattern(16, number)
        actual = os.pread(descriptor, 32, offset - 16)
        case.equal(f"content around {offset}", expected=around, actual=actual)
    os.close(descriptor)


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


@check
def preallocated_blocks_read_as_zeros(case):
    path, data = case.path("file"), pattern(5000)
    write_file(path, data)
    descriptor = os.open(path, os.O_RDWR)
    fallocate(descriptor, 0, 0, 20000)
    compare(case, "content after fallocate past the end", path, data + bytes(15000))
    fallocate(descriptor, 0, 0, 10000)
    compare(case, "content after fallocate within the file", path, data + bytes(15000))
    os.pwrite(descriptor, b"####", 12000)
    os.close(descriptor)
    model = bytearray(data + bytes(15000))
    put(model, 12000, b"####")
    compare(case, "content after a write to a preallocated block", path, bytes(model))


@check
def preallocation_can_keep_the_size(case):
    path, data = case.path("file"), pattern(5000)
    write_file(path, data)
    descriptor = os.open(path, os.O_RDWR)
    fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, 30000)
    compare(case, "content after fallocate with KEEP_SIZE", path, data)
    os.ftruncate(descriptor, 30000)
    os.close(descriptor)
    what = "content after fallocate with KEEP_SIZE and truncate up"
    compare(case, what, path, data + bytes(25000))


@check
def punched_holes_read_as_zeros(case):
    def punch(model, offset, size):
        end = min(offset + size, len(model))
        put(model, offset, bytes(end - offset))

    ranges = ((100, 50), (BLOCK - 10, 2 * BLOCK), (4 * BLOCK, BLOCK), (9 * BLOCK + 5, 2 * BLOCK))
    change_ranges(case, "a hole", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, punch, ranges)


@check
def zeroed_ranges_read_as_zeros(case):
    def zero(model, offset, size):
        put(model, offset, bytes(size))

    ranges = ((100, 50), (BLOCK - 10, 2 * BLOCK), (4 * BLOCK, BLOCK), (9 * BLOCK + 5, 2 * BLOCK))
    change_ranges(case, "a zero range", FALLOC_FL_ZERO_RANGE, zero, ranges)


@check
def collapsed_ranges_close_up(case):
    def collapse(model, offset, size):
        del model[offset : offset + size]

    unit = os.statvfs(case.folder).f_bsize
    ranges = ((3 * unit, 2 * unit), (0, unit), (2 * unit, unit))
    change_ranges(case, "a collapsed range", FALLOC_FL_COLLAPSE_RANGE, collapse, ranges)


@check
def inserted_ranges_move_the_rest(case):
    def insert(model, offset, size):
        model[offset:offset] = bytes(size)

    unit = os.statvfs(case.folder).f_bsize
    ranges = ((3 * unit, 2 * unit), (0, unit), (2 * unit, unit))
    change_ranges(case, "an inserted range", FALLOC_FL_INSERT_RANGE, insert, ranges)


def change_ranges(case, what, mode, change, ranges):
    """Apply fallocate with ``mode`` to a file of ten blocks or more, ``change`` to its model."""
    path = case.path("file")
    model = bytearray(pattern(10 * max(BLOCK, os.statvfs(case.folder).f_bsize)))
    write_file(path, model)
    descriptor = os.open(path, os.O_RDWR)
    for offset, size in ranges:
        fallocate(descriptor, mode, offset, size)
        change(model, offset, size)
        compare(case, f"content after {what}", path, bytes(model))
    os.close(descriptor)


@check
def throughput(case):
    """Megabytes (10^6 bytes) a second: write new files, syncfs, drop their cache, read them."""
    data, samples = pattern(MOST_BYTES), []
    paths = [case.path(f"file {number}") for number in range(MEASURED_FILES)]
    folder = os.open(case.folder, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(THROUGHPUT_SAMPLES):
        start = time.perf_counter()
        for path in paths:
            write_file(path, data)
        syncfs(folder)
        contents = [read_anew(path) for path in paths]
        seconds = time.perf_counter() - start
        samples.append(2 * len(paths) * len(data) / 1e6 / seconds)
        for path, content in zip(paths, contents, strict=True):
            case.equal("content of a measured file", expected=data, actual=content)
            os.unlink(path)
    os.close(folder)
    case.metric("basic_io_throughput_mbps", "MB/s", "higher", samples)


def read_anew(path):
    """The content of a file that is written back, read from the device."""
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    with open(descriptor, "rb") as file:
        return file.read()


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


def logical_block_size(device):
    """Of a block device, in bytes; 512, the smallest there is, for a filesystem without one."""
    if not device:
        return 512
    with open(f"/sys/class/block/{os.path.basename(device)}/queue/logical_block_size") as file:
        return int(file.read())
