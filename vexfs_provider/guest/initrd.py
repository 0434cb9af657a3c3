"""The initramfs: busybox, the modules that the root disk needs, and our own programs: init,
stage 2, the agent and the executor of operations.

Format: cpio "newc", Linux ``Documentation/driver-api/early-userspace/buffer-format.rst``.
"""

import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.kernel import Kernel
from vexfs_provider.guest.ops_program import get_ops_program
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

BOOT_MODULES = (
    "virtio_pci",
    "virtio_blk",
    "virtio_console",
    "virtio_rng",
    "pvpanic_pci",
    "ext4",
    "overlay",
)
FILE, FOLDER, CHARACTER = stat.S_IFREG, stat.S_IFDIR, stat.S_IFCHR


@dataclass(frozen=True)
class Entry:
    """One archive member; ``device`` is (major, minor) for a device node."""

    name: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


def cpio(entries: Iterable[Entry]) -> bytes:
    """The archive of ``entries`` with owner 0 and time 0, so that equal input gives equal bytes."""
    out = bytearray()
    for number, entry in enumerate([*entries, Entry("TRAILER!!!", 0)], start=1):
        name = entry.name.encode() + b"\0"
        size = len(entry.data)
        fields = (number, entry.mode, 0, 0, 1, 0, size, 0, 0, *entry.device, len(name), 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        out += bytes(-len(out) % 4) + entry.data
        out += bytes(-len(out) % 4)
    return bytes(out)


def static_busybox() -> Path:
    """A busybox that runs without libraries. Raises ``BuildError`` naming the package."""
    found = shutil.which("busybox")
    if found is None or b"/ld-linux" in Path(found).read_bytes()[:4096]:
        raise BuildError("no static busybox on this host; run: apt-get install busybox-static")
    return Path(found)


def get_initrd(kernel: Kernel, *, store: Store, progress: Progress) -> tuple[Path, str]:
    """The initramfs for ``kernel`` and its key; built when something in it has changed."""
    guest = data_dir("deps") / "guest"
    busybox = static_busybox()
    sources = [guest / name for name in ("init", "stage2", "agent.py")]
    ops, ops_key = get_ops_program(store=store, progress=progress)
    key = content_key(kernel.digest, list(BOOT_MODULES), busybox, *sources, ops_key)

    def build(folder: Path) -> None:
        archive = cpio(_entries(kernel, busybox, guest, ops))
        (folder / "initrd").write_bytes(archive)

    label = f"initramfs for kernel {kernel.name}"
    return store.get("initrds", key, build, progress=progress, label=label) / "initrd", key


def _entries(kernel: Kernel, busybox: Path, guest: Path, ops: Path) -> list[Entry]:
    modules = kernel.boot_modules(BOOT_MODULES)
    order = "".join(f"{name}\n" for name, _ in modules).encode()
    folders = [Entry(name, FOLDER | 0o755) for name in ("bin", "dev", "modules", "vexfs")]
    programs = [
        Entry("bin/busybox", FILE | 0o755, busybox.read_bytes()),
        Entry("init", FILE | 0o755, (guest / "init").read_bytes()),
        Entry("vexfs/stage2", FILE | 0o644, (guest / "stage2").read_bytes()),
        Entry("vexfs/agent.py", FILE | 0o644, (guest / "agent.py").read_bytes()),
        Entry("vexfs/ops", FILE | 0o755, ops.read_bytes()),
    ]
    console = Entry("dev/console", CHARACTER | 0o600, device=(5, 1))
    loadable = [Entry(f"modules/{name}", FILE | 0o644, data) for name, data in modules]
    return [*folders, console, *programs, *loadable, Entry("modules/order", FILE | 0o644, order)]
