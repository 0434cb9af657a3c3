"""Builds in a process of their own, to be raced, killed and interrupted.

build.py slow STORE FOLDER    an artefact whose builder says that it runs, then waits for "go"
build.py image STORE FOLDER   the image of the recipe in FOLDER
build.py debian STORE FOLDER  the default guest image, its progress on standard output
"""

import os
import signal
import sys
import time
from pathlib import Path

from vexfs_provider.deadline import Deadline
from vexfs_provider.guest.image import get_image
from vexfs_provider.progress import SILENT, Progress
from vexfs_provider.store import Store

GO_TIMEOUT_S = 60.0


def build_slowly(store, folder):
    def build(work):
        (work / "half").write_bytes(bytes(1 << 20))
        (folder / f"{os.getpid()}.building").touch()
        deadline = Deadline(GO_TIMEOUT_S, "waiting for the word to go on")
        while not (folder / "go").exists():
            deadline.check()
            time.sleep(0.01)

    (folder / f"{os.getpid()}.asking").touch()
    return store.get("slow", "key", build, progress=SILENT)


if __name__ == "__main__":
    # A shell that starts the tests in the background has Ctrl-C ignored, and we would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    what, store, folder = sys.argv[1], Store(Path(sys.argv[2])), Path(sys.argv[3])
    if what == "slow":
        print(build_slowly(store, folder))
    elif what == "image":
        print(get_image("small", store=store, progress=SILENT, recipes=folder).digest)
    else:
        get_image("debian12", store=store, progress=Progress(sys.stdout))
