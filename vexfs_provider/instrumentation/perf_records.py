"""The records of perf_event_open(2) as ``deps/guest/code/perf_recorder.py`` saves them.

Layouts are those of linux/perf_event.h and of the events' ``format`` files in tracefs.
"""

import re
import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from vexfs_provider.errors import InfrastructureError

_CHUNK = struct.Struct("<II")
_HEAD = struct.Struct("<IHH")
_SAMPLE = struct.Struct("<QQIIQII")
_RAW_SIZE = struct.Struct("<I")
_CHAIN_LENGTH = struct.Struct("<Q")
_MARKS = (1 << 64) - 4095  # PERF_CONTEXT_MAX and up: no addresses
_LOST = struct.Struct("<QQ")
_TASK_IDS = struct.Struct("<II")
_FORK = struct.Struct("<IIII")
_TRAILER = struct.Struct("<IIQIIQ")  # behind each record that is no sample: task, time, processor
_LOST_TYPE, _COMM_TYPE, _FORK_TYPE, _SAMPLE_TYPE = 2, 3, 7, 9

_FIELD = re.compile(
    r"field:(?P<type>[^;]*?)\s*(?P<name>\w+)(?:\[\d*\])?;\s*offset:(?P<offset>\d+);"
    r"\s*size:(?P<size>\d+);\s*signed:(?P<signed>[01]);"
)


@dataclass(frozen=True)
class Record:
    """What all records have; ``thread`` is the number of the task that was running."""

    time_ns: int
    cpu: int
    thread: int


@dataclass(frozen=True)
class Sample(Record):
    """One hit of an event: where the processor was, and a tracepoint's fields.

    ``chain`` are the addresses in the kernel that calls return to, the innermost first.
    """

    event: str
    instruction: int
    fields: Mapping[str, int | str] = field(default_factory=dict)
    chain: tuple[int, ...] = ()


@dataclass(frozen=True)
class Named(Record):
    """The task has a new name."""

    name: str


@dataclass(frozen=True)
class Forked(Record):
    """The task has made another."""

    child: int


@dataclass(frozen=True)
class Lost(Record):
    """The kernel had no room for ``count`` records before this one."""

    count: int


class Format:
    """Where the fields of a tracepoint's raw data are."""

    def __init__(self, text: str):
        self._fields = [
            (m["name"], m["type"], int(m["offset"]), int(m["size"]), m["signed"] == "1")
            for m in _FIELD.finditer(text)
        ]

    def read(self, raw: bytes) -> dict[str, int | str]:
        """The fields by name: numbers, and what the kernel's type says is text."""
        return {
            name: _value(raw, kind, offset, size, signed=signed)
            for name, kind, offset, size, signed in self._fields
            if offset + size <= len(raw)
        }


def _value(raw: bytes, kind: str, offset: int, size: int, *, signed: bool) -> int | str:
    number = int.from_bytes(raw[offset : offset + size], "little", signed=signed)
    if kind.startswith("__data_loc"):
        start, length = number & 0xFFFF, (number >> 16) & 0xFFFF
        return _text(raw[start : start + length])
    return _text(raw[offset : offset + size]) if kind == "char" and size > 1 else number


def read_records(
    data: bytes,
    events: Mapping[int, str],
    formats: Mapping[str, str],
    chained: Collection[str] = (),
) -> list[Record]:
    """All records, sorted by time; those of one processor stay in the order of their ring.

    A clock may give a time of some microseconds ago (Linux's HPET does when two processors read it
    at once); such a record gets the time of the one before it.
    ``events`` has the name of each identifier, ``formats`` the format file of each tracepoint by
    name, ``chained`` the names of those that come with a call chain. Raises
    ``InfrastructureError`` with the place where the data make no sense.
    """
    layouts = {name: Format(text) for name, text in formats.items()}
    decoder = _Decoder(events, layouts, chained)
    found: list[Record] = []
    latest: dict[int, int] = {}
    for cpu, start, end in _chunks(data):
        for kind, position, stop in _bodies(data, start, end):
            for record in decoder.read(kind, data[position:stop], cpu, position):
                time_ns = latest[cpu] = max(record.time_ns, latest.get(cpu, 0))
                late = record.time_ns < time_ns
                found.append(replace(record, time_ns=time_ns) if late else record)
    return sorted(found, key=lambda record: record.time_ns)


def _chunks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Processor, begin and end of each chunk."""
    position = 0
    while position < len(data):
        if position + _CHUNK.size > len(data):
            raise _damaged(position, "the head of a chunk is cut")
        cpu, size = _CHUNK.unpack_from(data, position)
        start = position + _CHUNK.size
        position = start + size
        if position > len(data):
            raise _damaged(start, "a chunk is cut")
        yield cpu, start, position


def _bodies(data: bytes, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type of each record, and begin and end of what follows its head."""
    while position < end:
        if position + _HEAD.size > end:
            raise _damaged(position, "the head of a record is cut")
        kind, _, size = _HEAD.unpack_from(data, position)
        if size < _HEAD.size or position + size > end:
            raise _damaged(position, f"a record of {size} bytes")
        yield kind, position + _HEAD.size, position + size
        position += size


class _Decoder:
    """Knows the events by their identifiers, and the layouts of tracepoints."""

    def __init__(
        self, events: Mapping[int, str], formats: Mapping[str, Format], chained: Collection[str]
    ):
        self._events = events
        self._formats = formats
        self._chained = chained

    def read(self, kind: int, body: bytes, cpu: int, position: int) -> Iterator[Record]:
        """The record, unless it is of a type that tells us nothing."""
        try:
            if kind == _SAMPLE_TYPE:
                yield self._sample(body)
            elif kind in (_LOST_TYPE, _COMM_TYPE, _FORK_TYPE):
                yield _other(kind, body, cpu)
        except (struct.error, KeyError) as error:
            raise _damaged(position, f"a record of type {kind}: {error!r}") from error

    def _sample(self, body: bytes) -> Sample:
        identifier, instruction, _, thread, time_ns, cpu, _ = _SAMPLE.unpack_from(body)
        event = self._events[identifier]
        start = _SAMPLE.size
        chain: tuple[int, ...] = ()
        if event in self._chained:
            chain, start = _chain(body, start)
        layout = self._formats.get(event)
        if layout is None:
            return Sample(time_ns, cpu, thread, event, instruction, chain=chain)
        (size,) = _RAW_SIZE.unpack_from(body, start)
        start += _RAW_SIZE.size
        fields = layout.read(body[start : start + size])
        return Sample(time_ns, cpu, thread, event, instruction, fields, chain)


def _chain(body: bytes, start: int) -> tuple[tuple[int, ...], int]:
    """The call chain without its marks of context, and where it ends."""
    (length,) = _CHAIN_LENGTH.unpack_from(body, start)
    start += _CHAIN_LENGTH.size
    addresses = struct.unpack_from(f"<{length}Q", body, start)
    return tuple(one for one in addresses if one < _MARKS), start + 8 * length


def _other(kind: int, body: bytes, cpu: int) -> Record:
    _, running, time_ns, _, _, _ = _TRAILER.unpack_from(body, len(body) - _TRAILER.size)
    if kind == _LOST_TYPE:
        return Lost(time_ns, cpu, running, _LOST.unpack_from(body)[1])
    if kind == _COMM_TYPE:
        _, thread = _TASK_IDS.unpack_from(body)
        text = body[_TASK_IDS.size : len(body) - _TRAILER.size]
        return Named(time_ns, cpu, thread, _text(text))
    _, _, child, parent = _FORK.unpack_from(body)
    return Forked(time_ns, cpu, parent, child)


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode(errors="replace")


def _damaged(position: int, what: str) -> InfrastructureError:
    return InfrastructureError(f"the trace of the module is damaged at byte {position}: {what}")
