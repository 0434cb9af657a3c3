"""Runs in the guest: vectors stored and searched by ioctls, as a profile describes them.

``interface`` is what ``vexfs_provider/filesystems/vector_interface.py`` makes of the profile's
table ``[vector]``, which says what the fields mean. Components are small whole numbers, so that
distances are exact and neighbours differ by more than any fixed-point format rounds away.
"""

import array
import contextlib
import ctypes
import errno
import itertools
import os
import random
import struct

from checking import check, shown, write_file

DIMENSION = 16
STORED = 60
NEAREST = 5
QUERIES = 3
LARGEST_COMPONENT = 8
LEAST_GAP = 0.01  # between the distances of neighbours: more than a fixed-point format rounds away
SPARE_ROOM = 8  # results
UNTOUCHED = 0xA5  # what the room for results is filled with
SIZE_MAX = (1 << 14) - 1  # an ioctl's code has 14 bits for the size of its structure
LIKELY_SIZES = range(4, 4096, 4)  # of a structure that is not described: members of 32 bits or more
NOT_THERE = (errno.ENOTTY, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)
UNMAPPED = 8  # no process has memory there
KERNEL_ADDRESS = 0xFFFF_8880_0000_0000  # x86-64's map of all memory; no process may use it

LIBC = ctypes.CDLL(None, use_errno=True)


class Layout:
    """A C structure from its fields, as ``name:type`` words."""

    def __init__(self, fields):
        pairs = [word.split(":") for word in fields.split()]
        self.names = [name for name, _ in pairs]
        types = [kind for _, kind in pairs]
        # A C structure is padded to a multiple of its widest member's alignment.
        widest = max(types, key=lambda kind: struct.calcsize("@c" + kind) - struct.calcsize(kind))
        padding = "" if widest.endswith("s") else f"0{widest}"
        self.struct = struct.Struct("@" + "".join(types) + padding)
        self.size = self.struct.size
        self.zeros = [b"" if kind.endswith("s") else 0 for kind in types]

    def pack(self, **values):
        """The bytes; fields that have no value are zeros."""
        pairs = zip(self.names, self.zeros, strict=True)
        return self.struct.pack(*(values.get(name, zero) for name, zero in pairs))

    def unpack(self, data):
        """The values by name."""
        return dict(zip(self.names, self.struct.unpack(data), strict=True))


def ioctl_code(interface, name, size):
    """The code of an ioctl whose structure has ``size`` bytes, see asm-generic/ioctl.h."""
    entry = interface["ioctls"][name]
    return entry["direction"] << 30 | size << 16 | ord(interface["magic"]) << 8 | entry["number"]


def call_ioctl(descriptor, code, address):
    """ioctl(2) with any address, also a bad one; returns its value or raises ``OSError``."""
    result = LIBC.ioctl(descriptor, ctypes.c_ulong(code), ctypes.c_void_p(address))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


class Vectors:
    """The vectors of one file."""

    def __init__(self, interface, path):
        self.interface = interface
        self.added = Layout(interface["ioctls"]["add"]["fields"])
        self.request = Layout(interface["ioctls"]["search"]["fields"])
        self.result = Layout(interface["result"])
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.descriptor)

    def add(self, number, components, **changes):
        """Store a vector; ``changes`` replace fields of the request."""
        data = array.array("f", components)
        address = data.buffer_info()[0] if data else 0
        values = {"id": number, "dimension": len(data), "data": address, **changes}
        buffer = ctypes.create_string_buffer(self.added.pack(**values), self.added.size)
        code = ioctl_code(self.interface, "add", self.added.size)
        return call_ioctl(self.descriptor, code, ctypes.addressof(buffer))

    def search(self, query, k, metric=None, room=None):
        """Search; the results that the ioctl says it found, and the bytes of all the room.

        ``metric`` is the number of the distance, by default the first one that is described.
        There is room for some more than ``k`` results, lest one too many hits our own memory,
        or for ``room``.
        """
        data = array.array("f", query)
        if metric is None:
            metric = next(iter(self.interface["metrics"].values()))
        address = data.buffer_info()[0] if data else 0
        values = {"dimension": len(data), "data": address, "k": k, "metric": metric}
        slots = k + SPARE_ROOM if room is None else room
        content = self.request.pack(**values) + bytes([UNTOUCHED]) * (slots * self.result.size)
        buffer = ctypes.create_string_buffer(content, len(content))
        code = ioctl_code(self.interface, "search", self.request.size)
        found = call_ioctl(self.descriptor, code, ctypes.addressof(buffer))
        behind = buffer.raw[self.request.size :]
        size = self.result.size
        starts = range(0, min(found, slots) * size, size)
        return [self.result.unpack(behind[start : start + size]) for start in starts], behind

    def ids(self, query, k, metric=None):
        """The numbers of the vectors found, in the order of the results."""
        return [result["id"] for result in self.search(query, k, metric)[0]]

    def raw(self, name, address):
        """One of the described ioctls with an address that is not ours to use."""
        layout = self.added if name == "add" else self.request
        return call_ioctl(self.descriptor, ioctl_code(self.interface, name, layout.size), address)


def probe(folder, interface):
    """Where each ioctl is answered: {ioctl: {place: "answered" or an errno's name}}.

    It is asked with an address that no process has, so nothing is stored or searched. One whose
    structure is not described is asked with every size that it is likely to have.
    """
    os.mkdir(folder)
    path = os.path.join(folder, "file")
    write_file(path, b"")
    places = {"file": path, "directory": folder, "root": os.path.dirname(folder)}
    answers = {}
    for name, entry in interface["ioctls"].items():
        sizes = [Layout(entry["fields"]).size] if entry["fields"] else LIKELY_SIZES
        answers[name] = {place: _ask(interface, name, at, sizes) for place, at in places.items()}
    return answers


def _ask(interface, name, path, sizes):
    descriptor = os.open(path, os.O_RDONLY if os.path.isdir(path) else os.O_RDWR)
    try:
        for size in sizes:
            answer = _answer(descriptor, ioctl_code(interface, name, size))
            if answer == "answered":
                break
    finally:
        os.close(descriptor)
    return answer


def _answer(descriptor, code):
    try:
        call_ioctl(descriptor, code, UNMAPPED)
    except OSError as error:
        if error.errno in NOT_THERE:
            return errno.errorcode[error.errno]
    return "answered"


def random_vectors(seed, count=STORED, dimension=DIMENSION):
    """Vectors of small whole numbers that follow from ``seed``; the list's index is the number."""
    numbers = random.Random(seed)
    reach = range(-LARGEST_COMPONENT, LARGEST_COMPONENT + 1)
    return [[numbers.choice(reach) for _ in range(dimension)] for _ in range(count)]


def nearest(stored, query, metric, k):
    """The oracle, brute force: the ``k`` nearest indices; None if neighbours are too close to call.

    A dot product is a likeness, so the largest is the nearest.
    """
    import numpy  # half a second to load; most checks do without

    vectors, wanted = numpy.array(stored, dtype=float), numpy.array(query, dtype=float)
    lengths = numpy.linalg.norm(vectors, axis=1) * numpy.linalg.norm(wanted)
    distances = {
        "euclidean": lambda: numpy.linalg.norm(vectors - wanted, axis=1),
        "manhattan": lambda: numpy.abs(vectors - wanted).sum(axis=1),
        "cosine": lambda: 1 - vectors @ wanted / lengths,
        "dot_product": lambda: -(vectors @ wanted),
    }[metric]()
    order = numpy.argsort(distances, kind="stable")
    gaps = numpy.diff(distances[order[: k + 1]])
    return None if (gaps < LEAST_GAP).any() else [int(index) for index in order[:k]]


@check
def nearest_vectors_are_found(case, interface):
    """Against the oracle, for every distance that the filesystem claims."""
    stored = random_vectors("stored")
    with Vectors(interface, case.path("vectors")) as vectors:
        for number, components in enumerate(stored):
            vectors.add(number, components)
        for metric, code in interface["metrics"].items():
            queries = random_vectors(metric, 20 * QUERIES)
            judged = [(query, nearest(stored, query, metric, NEAREST)) for query in queries]
            for query, expected in [pair for pair in judged if pair[1]][:QUERIES]:
                results, _ = vectors.search(query, NEAREST, code)
                _compare_results(case, metric, expected, results)


def _compare_results(case, metric, expected, results):
    actual = [result["id"] for result in results]
    case.equal(f"the nearest by {metric}, nearest first", expected=expected, actual=actual)
    if metric == "dot_product":
        return  # whether its distances go up or down is not described
    distances = [result["distance"] for result in results]
    growing = all(near < far for near, far in itertools.pairwise(distances))
    case.true(f"distances by {metric} grow from result to result", growing, shown(distances))


@check
def an_equal_vector_comes_first(case, interface):
    """A stored vector is nearest to itself by every distance but the dot product."""
    stored = random_vectors("stored")
    with Vectors(interface, case.path("vectors")) as vectors:
        for number, components in enumerate(stored):
            vectors.add(number, components)
        for metric, code in interface["metrics"].items():
            for number in () if metric == "dot_product" else (0, STORED // 2, STORED - 1):
                found = vectors.ids(stored[number], 1, code)
                case.equal(f"the nearest to itself by {metric}", expected=[number], actual=found)


@check
def k_bounds_the_results(case, interface):
    """As many results as were asked for, or as there are."""
    stored = random_vectors("stored", 4)
    with Vectors(interface, case.path("vectors")) as vectors:
        empty = vectors.ids(stored[0], 3)
        case.equal("results in a file without vectors", expected=[], actual=empty)
        for number, components in enumerate(stored):
            vectors.add(number, components)
        for k, expected in ((1, 1), (3, 3), (4, 4), (10, 4)):
            results, room = vectors.search(stored[0], k)
            ids = {result["id"] for result in results}
            case.equal(
                "as many results as asked for or stored", expected=expected, actual=len(results)
            )
            case.equal("each vector is found once", expected=len(results), actual=len(ids))
            tail = room[len(results) * vectors.result.size :]
            clean = set(tail) <= {0, UNTOUCHED}
            shown_tail = tail.lstrip(bytes([0, UNTOUCHED]))[:32].hex()
            case.true("nothing is written behind the results", clean, shown_tail)


@check
def dimensions_do_not_mix(case, interface):
    """A query meets only vectors of its own dimension, if a file takes different ones at all."""
    with Vectors(interface, case.path("vectors")) as vectors:
        vectors.add(1, [1] * 8)
        with contextlib.suppress(OSError):
            vectors.add(2, [1] * 4)
        case.equal("results of the query's dimension", expected=[1], actual=vectors.ids([1] * 8, 5))


@check
def files_keep_their_own_vectors(case, interface):
    """What is added to one file is not found in another, and its bytes are not touched."""
    with (
        Vectors(interface, case.path("first")) as first,
        Vectors(interface, case.path("second")) as second,
    ):
        first.add(1, [1, 2, 3])
        second.add(2, [1, 2, 3])
        case.equal("results in the first file", expected=[1], actual=first.ids([1, 2, 3], 5))
        case.equal("results in the second file", expected=[2], actual=second.ids([1, 2, 3], 5))


@check
def labels_come_back(case, interface):
    """The text that a vector was stored with is that of its result."""
    with Vectors(interface, case.path("vectors")) as vectors:
        if "label" not in vectors.added.names or "label" not in vectors.result.names:
            return
        vectors.add(1, [1, 2, 3], label=b"first")
        vectors.add(2, [7, 7, 7], label=b"second")
        labels = {r["id"]: r["label"].rstrip(b"\0") for r in vectors.search([1, 2, 3], 2)[0]}
        case.equal("labels", expected={1: b"first", 2: b"second"}, actual=labels)


@check
def bad_requests_are_refused(case, interface):
    """Wrong counts are EINVAL, wrong addresses EFAULT, and nothing of them is stored."""
    most = interface["max_dimension"]
    with Vectors(interface, case.path("vectors")) as vectors:
        vectors.add(1, [1, 2, 3])
        for name in ("add", "search"):
            for where, address in _bad_addresses():
                case.raises(
                    f"{name} with a request at {where}", errno.EFAULT, vectors.raw, name, address
                )
        for where, address in _bad_addresses():
            case.raises(
                f"add with components at {where}",
                errno.EFAULT,
                vectors.add,
                2,
                [1] * 3,
                data=address,
            )
        too_large = (errno.EINVAL, errno.E2BIG)
        case.raises("add of dimension 0", errno.EINVAL, vectors.add, 2, [])
        case.raises("add above the largest dimension", too_large, vectors.add, 2, [1] * (most + 1))
        huge = {"dimension": 0xFFFF_FFFF}
        case.raises("add of a huge dimension", too_large, vectors.add, 2, [1], **huge)
        case.raises("search of dimension 0", errno.EINVAL, vectors.search, [], 3)
        unknown = 1 + max(interface["metrics"].values())
        case.raises(
            "search by an unknown metric", errno.EINVAL, vectors.search, [1] * 3, 1, unknown
        )
        _search_huge(case, vectors)
        other = ioctl_code(interface, "add", SIZE_MAX)
        case.raises(
            "an ioctl of another size", errno.ENOTTY, call_ioctl, vectors.descriptor, other, 0
        )
        case.equal("results after bad requests", expected=[1], actual=vectors.ids([1, 2, 3], 5))


def _bad_addresses():
    return (("no memory", UNMAPPED), ("the kernel's memory", KERNEL_ADDRESS))


def _search_huge(case, vectors):
    """A count of results that no memory holds: refused, or answered with what there is."""
    with contextlib.suppress(OSError):
        results, _ = vectors.search([1, 2, 3], 0xFFFF_FFFF, room=8)
        case.equal("results of a huge search", expected=1, actual=len(results))


def store_vectors(path, interface):
    """Store vectors that ``vectors_outlive_a_remount`` looks for later."""
    with Vectors(interface, path) as vectors:
        for number, components in enumerate(random_vectors("remount", 10)):
            vectors.add(number, components)
        os.fsync(vectors.descriptor)


@check
def vectors_outlive_a_remount(case, interface, path):
    """The vectors of the file ``path`` are found again, all of them."""
    with Vectors(interface, path) as vectors:
        found = vectors.ids(random_vectors("remount", 10)[0], 20)
    case.equal("vectors found after a remount", expected=list(range(10)), actual=sorted(found))
