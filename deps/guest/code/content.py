"""Runs in the guest: files whose content follows from a seed, and their comparison."""

import os
import random


def expected(seed, size):
    """``size`` bytes that follow from ``seed``."""
    return random.Random(seed).randbytes(size)


def write_files(folder, seeds, size):
    """Write one file a seed, each fsynced; the file's name is its seed."""
    for seed in seeds:
        with open(os.path.join(folder, f"f{seed}"), "wb") as file:
            file.write(expected(seed, size))
            file.flush()
            os.fsync(file.fileno())


def compare_files(folder, seeds, size):
    """What differs from what ``write_files`` wrote: sentences, none when all is right."""
    wrong = []
    listed = os.listdir(folder)
    for seed in seeds:
        name = f"f{seed}"
        if name not in listed:
            wrong.append(f"{name}: not listed in its folder")
        try:
            with open(os.path.join(folder, name), "rb") as file:
                actual = file.read()
        except OSError as error:
            wrong.append(f"{name}: {error.strerror}")
            continue
        difference = first_difference(expected(seed, size), actual)
        if difference:
            wrong.append(f"{name}: {difference}")
    return wrong


def first_difference(wanted, actual):
    """Where two byte strings part, in words; empty when they are equal."""
    if wanted == actual:
        return ""
    if len(wanted) != len(actual):
        return f"size {len(actual)}, expected {len(wanted)}"
    place = next(i for i, pair in enumerate(zip(wanted, actual, strict=True)) if pair[0] != pair[1])
    found, want = actual[place : place + 16].hex(), wanted[place : place + 16].hex()
    return f"bytes at offset {place} are {found}, expected {want}"
