"""Runs in the guest: checks of what each way to write does to the bytes of a file."""

import os
import random

from basic_io_model import BLOCK, MOST_BYTES, close_all, compare, drop_cache, put, resize
from checking import check, pattern, write_file

RANDOM_OPERATIONS = 120


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
