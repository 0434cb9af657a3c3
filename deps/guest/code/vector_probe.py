"""Runs in the guest: which of the ioctls on vectors are answered."""

import errno
import os

from checking import write_file
from vector_ioctls import UNMAPPED, Layout, call_ioctl, ioctl_code

LIKELY_SIZES = range(4, 4096, 4)  # of a structure that is not described: members of 32 bits or more
NOT_THERE = (errno.ENOTTY, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)


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
