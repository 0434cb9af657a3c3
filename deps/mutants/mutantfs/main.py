"""The daemon's command line: mutantfs [--mutants NAME,...] DEVICE MOUNTPOINT, in the foreground."""

import os
import resource
import sys

from mutantfs import faults, libc
from mutantfs.connection import Connection
from mutantfs.nodes import Nodes
from mutantfs.requests import Requests


def main():
    """Serve the ext4 filesystem on a device until it is unmounted."""
    # Not by argparse, whose import alone would take a second on an emulated processor.
    *option, device, mountpoint = sys.argv[1:]
    names = option[1] if option[:1] == ["--mutants"] else ""
    unknown = set(names.split(",")) - {"", *faults.MUTANTS}
    if unknown:
        allowed = ", ".join(faults.MUTANTS)
        sys.exit(f"mutantfs: --mutants {names}: unknown: {', '.join(unknown)}; allowed: {allowed}")
    os.umask(0)  # the kernel has applied the caller's
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
    nodes = Nodes(open_below(device))
    requests = Requests(faults.make_operations(names, nodes), faults.make_operations)
    Connection(mountpoint).serve(requests)
    requests.operations.unmounted()


def open_below(device):
    """A descriptor of the root of the filesystem on ``device``.

    It is mounted only for this process: gone from the tree at once, and for good however we end.
    """
    folder = f"/run/mutantfs-{os.getpid()}"
    os.mkdir(folder)
    try:
        libc.mount(device, folder, "ext4")
        root = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        libc.detach(folder)
    finally:
        os.rmdir(folder)
    return root
