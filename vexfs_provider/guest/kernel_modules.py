"""What depmod says of a kernel's modules: where they are and what must be loaded before them.

The formats are those of ``modules.dep(5)`` and of kmod's ``modules.builtin``, ``modules.alias``
and ``modules.softdep``.
"""

import gzip
import lzma
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from vexfs_provider.errors import BuildError

_DECOMPRESSORS: Mapping[str, Callable[[bytes], bytes]] = {
    ".ko": bytes,
    ".ko.xz": lzma.decompress,
    ".ko.gz": gzip.decompress,
}


def module_name(path: str) -> str:
    """The name of the module in a file, as lsmod prints it: ``a/b-c.ko.xz`` is ``b_c``."""
    return posixpath.basename(path).partition(".ko")[0].replace("-", "_")


class ModuleIndex:
    """The modules below ``lib/modules/<release>``."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._builtin = {module_name(line) for line in self._lines("modules.builtin")}
        self._needs: dict[str, list[str]] = {}
        self._paths: dict[str, str] = {}
        for line in self._lines("modules.dep"):
            path, _, needed = line.partition(":")
            self._paths[module_name(path)] = path
            self._needs[module_name(path)] = [module_name(other) for other in needed.split()]
        self._aliases = self._read_aliases()
        self._soft = self._read_soft_dependencies()

    def load_list(self, names: Sequence[str]) -> list[tuple[str, bytes]]:
        """File name and decompressed content of the modules and their needs, in load order.

        A module that only a soft dependency asks for (``crc32c`` of ext4, say, which has a
        driver for each sort of processor) may fail to load with ENODEV.
        Raises ``BuildError`` for a name that is neither a module nor built in.
        """
        order: dict[str, None] = {}
        for name in names:
            wanted = name.replace("-", "_")
            if wanted in self._paths:
                self._add(wanted, order)
            elif wanted not in self._builtin:
                raise BuildError(f"no module {name!r} in {self._folder}, nor is it built in")
        return [self._content(name) for name in order]

    def _add(self, name: str, order: dict[str, None], above: tuple[str, ...] = ()) -> None:
        if name in order or name in above:  # soft dependencies can form a circle
            return
        for needed in (*self._soft_needs(name), *reversed(self._needs[name])):
            self._add(needed, order, (*above, name))
        order[name] = None

    def _soft_needs(self, name: str) -> Iterator[str]:
        for wanted in self._soft.get(name, ()):
            if wanted in self._paths:
                yield wanted
            elif wanted not in self._builtin:
                yield from self._aliases.get(wanted, ())

    def _content(self, name: str) -> tuple[str, bytes]:
        path = self._paths[name]
        stem, dot, suffix = posixpath.basename(path).partition(".ko")
        decompress = _DECOMPRESSORS.get(dot + suffix)
        if decompress is None:
            allowed = ", ".join(_DECOMPRESSORS)
            raise BuildError(f"{self._folder / path}: cannot read {suffix!r}, only {allowed}")
        return f"{stem}.ko", decompress((self._folder / path).read_bytes())

    def _read_aliases(self) -> dict[str, list[str]]:
        """Modules by exact alias; the patterns, which name devices, are no use here."""
        found: dict[str, list[str]] = {}
        for line in self._lines("modules.alias"):
            _, alias, module = line.split()
            found.setdefault(alias.replace("-", "_"), []).append(module.replace("-", "_"))
        return found

    def _read_soft_dependencies(self) -> dict[str, list[str]]:
        """What is to be loaded before a module, by lines ``softdep MODULE pre: A B post: C``."""
        found: dict[str, list[str]] = {}
        for line in self._lines("modules.softdep"):
            _, module, *words = line.replace("-", "_").split()
            before = " ".join(words).partition("pre:")[2].partition("post:")[0].split()
            found.setdefault(module.replace("-", "_"), []).extend(before)
        return found

    def _lines(self, name: str) -> Iterator[str]:
        path = self._folder / name
        if not path.is_file():
            raise BuildError(f"{path} is missing: run depmod on the kernel's modules")
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                yield line
