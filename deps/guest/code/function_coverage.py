"""Runs in the guest: which functions of a module are followed by ``deps/modules/coverage``."""

import os
import re
import struct

DEVICE = "/dev/vexfs_coverage"
SYMBOLS = "/proc/kallsyms"
TRACEABLE = "/sys/kernel/tracing/available_filter_functions"
# What belongs together is linked together: the code of a filesystem that is built in is one piece,
# and what has its name but lies elsewhere (cold paths, initialisation) is not traced.
LARGEST_GAP = 512 << 10  # bytes; ext4 has one of 54 KiB, with KASAN of 261 KiB: its tracepoints


def follow(name):
    """Follow the functions of the module ``name``, if they are not followed since its load.

    One that is built in is known by its functions named ``name_``… and what lies between them.
    Returns ``error`` (empty if there is none), ``place`` (the notes' physical address) and
    ``names``, with ``unsure``: how many functions share their name with another, and are left out.
    """
    told = read_sites()
    unsure = 0
    if not told["names"] and not told["error"]:
        addresses, unsure = find_functions(name)
        if not addresses:
            return {**told, "error": f"no function of {name} can be traced", "unsure": unsure}
        try:
            write_addresses(addresses)
        except OSError as error:
            return {**told, "error": f"ftrace: {error.strerror}", "unsure": unsure}
        told = read_sites()
    return {**told, "unsure": unsure}


def read_sites():
    """What the device tells."""
    with open(DEVICE) as file:
        place, _, failure = file.readline().split()
        names = [line.split()[0] for line in file]
    error = f"ftrace: {os.strerror(-int(failure))}" if int(failure) else ""
    return {"error": error, "place": int(place), "names": names}


def write_addresses(addresses):
    descriptor = os.open(DEVICE, os.O_WRONLY)
    try:
        os.write(descriptor, struct.pack(f"={len(addresses)}Q", *addresses))
    finally:
        os.close(descriptor)


def find_functions(name):
    """The addresses of the functions that ftrace can follow; how many have no name of their own."""
    with open(TRACEABLE) as file:
        traceable = [line.split() for line in file]
    with open(SYMBOLS) as file:
        symbols = [line.split() for line in file]
    tag = [f"[{name}]"]
    own = [symbol for symbol in symbols if symbol[1] in "tT" and symbol[3:] == tag]
    if not own:
        tag = []
        whole = [symbol for symbol in symbols if symbol[1] in "tT" and not symbol[3:]]
        own = built_in(whole, name)
    times = {}
    for words in traceable:
        if words[1:] == tag:
            times[words[0]] = times.get(words[0], 0) + 1
    found = [symbol for symbol in own if symbol[2] in times]
    sure = [int(symbol[0], 16) for symbol in found if times[symbol[2]] == 1]
    return sure, len(found) - len(sure)


def built_in(symbols, name):
    """The symbols of the largest piece of code whose ends are named ``name_``…"""
    pattern = re.compile(f"_*{re.escape(name)}_")
    ordered = sorted((int(symbol[0], 16), symbol) for symbol in symbols)
    pieces = []
    last = None
    for place, (address, symbol) in enumerate(ordered):
        if not pattern.match(symbol[2]):
            continue
        if last is None or address - last > LARGEST_GAP:
            pieces.append([place, place, 0])
        pieces[-1][1] = place
        pieces[-1][2] += 1
        last = address
    if not pieces:
        return []
    first, end, _ = max(pieces, key=lambda piece: piece[2])
    return [symbol for _, symbol in ordered[first : end + 1]]
