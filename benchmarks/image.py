"""How long the default guest image takes to build when nothing is there yet."""

import tempfile
import time
from pathlib import Path

from benchmarks.rows import Row
from vexfs_provider.guest.image import build_room, get_image
from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store


def measure(progress: Progress) -> list[Row]:
    """The row of this group: one build, since it takes a minute or two and needs the network."""
    with tempfile.TemporaryDirectory() as empty:
        started = time.monotonic()
        get_image(GuestSpec().recipe, store=Store(Path(empty)), progress=progress)
        seconds = time.monotonic() - started
    progress.say(f"the image was laid out in {build_room()}; its figure is promised for memory")
    return [Row("image_cold_build_s", seconds, "s", at_most=120)]
