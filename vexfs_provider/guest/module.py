"""Out-of-tree kernel modules, built with plain kbuild for a guest's kernel.

An artefact holds the ``*.ko`` files, the tools that belong to the module (its mkfs, say) in
``tools/`` and the build's log. ``modules/<name>@<release>.json`` names the newest build of a module
for a kernel release.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.guest.kernel import Kernel
from vexfs_provider.guest.kernel_headers import get_headers
from vexfs_provider.guest.module_build import (
    NOTES,
    ModuleSource,
    build_into,
    digest_parts,
    work_folder,
)
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key, write_atomically

KIND = "modules"
GCOV = "CONFIG_GCOV_KERNEL"

_BUILDER_VERSION = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True)
class Module:
    """A built module; ``tools`` is a folder of executables for the guest, perhaps empty."""

    name: str
    kernel_release: str
    folder: Path
    objects: tuple[Path, ...]
    tools: Path
    manifest: Mapping[str, Any]

    @property
    def notes(self) -> Path | None:
        """The folder of gcov's notes, if it was built for coverage (in ``manifest["work"]``)."""
        folder = self.folder / NOTES
        return folder if folder.is_dir() else None

    def find_object(self, file_name: str) -> Path | None:
        """The ``.ko`` file of that name, if the build made it."""
        return next((path for path in self.objects if path.name == file_name), None)


def build_module(
    name: str,
    source: Path,
    *,
    kernel: Kernel,
    patches: Sequence[Path] = (),
    cflags: str = "",
    tools: Sequence[str] = (),
    coverage: bool = False,
    store: Store,
    progress: Progress,
) -> Module:
    """Build the module in ``source``, the folder with its Kbuild or kbuild Makefile.

    The source is copied, ``patches`` are applied to the copy by ``patch -p1`` and ``cflags`` are
    passed as ``KCFLAGS``. Each tool is ``NAME=FILE``: a C file is compiled and linked statically,
    any other file is copied. With ``coverage`` the runs of each line are counted, where the kernel
    can take the counts (gcov). The same input is built once.

    Raises ``UsageError`` for a wrong argument, and ``BuildError`` with the end of the failing
    tool's output and the place of the whole log.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"module name {name!r}: allowed are lower-case letters, digits, _ . and -")
    if coverage and f"{GCOV}=y" not in kernel.config.read_text():
        raise UsageError(
            f"module {name!r} with coverage: kernel {kernel.name} lacks {GCOV}; "
            "choose --kernel debug"
        )
    given = ModuleSource.checked(source, patches, cflags, tools, coverage=coverage)
    key = content_key(_BUILDER_VERSION, name, kernel.digest, *digest_parts(given))
    kdir = get_headers(kernel, store=store, progress=progress)
    log = store.root / "logs" / f"module-{name}-{key}.log"

    def build(folder: Path) -> dict[str, Any]:
        build_into(folder, given, kdir=kdir, log=log)
        return {
            "name": name,
            "kernel": kernel.name,
            "kernel_release": kernel.release,
            "source": str(source.absolute()),
            "patches": [str(patch) for patch in patches],
            "cflags": cflags,
            "work": str(work_folder(folder)),
        }

    label = f"module {name} for kernel {kernel.name}"
    folder = store.get(KIND, key, build, progress=progress, label=label)
    write_atomically(_index(name, kernel.release, store), json.dumps({"key": key}))
    return _module(folder, store.manifest(KIND, key))


def find_module(name: str, release: str, store: Store) -> Module | None:
    """The newest build of a module for a kernel release, if there is one."""
    index = _index(name, release, store)
    if not index.is_file():
        return None
    key = json.loads(index.read_text())["key"]
    folder = store.find(KIND, key)
    return _module(folder, store.manifest(KIND, key)) if folder else None


def list_modules(store: Store) -> list[Module]:
    """The newest build of each module for each kernel release, by name."""
    indexes = sorted(path.stem for path in (store.root / KIND).glob("*@*.json"))
    names = (index.partition("@") for index in indexes)
    found = [find_module(name, release, store) for name, _, release in names]
    return [module for module in found if module]


def build_command(
    name: str, kernel: str, tools: Sequence[str] = (), *, coverage: bool = False
) -> str:
    """The command that a user runs to build a module that is missing, with the tools it needs."""
    command = f"avocado vexfs module build --name {name} --source DIR --kernel {kernel}"
    command += " --coverage" if coverage else ""
    return command + "".join(f" --tool {tool}=FILE" for tool in tools)


def _index(name: str, release: str, store: Store) -> Path:
    return store.root / KIND / f"{name}@{release}.json"


def _module(folder: Path, manifest: Mapping[str, Any]) -> Module:
    return Module(
        name=manifest["name"],
        kernel_release=manifest["kernel_release"],
        folder=folder,
        objects=tuple(sorted(folder.glob("*.ko"))),
        tools=folder / "tools",
        manifest=manifest,
    )
