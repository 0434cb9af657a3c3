"""How an out-of-tree module is built: copy, patch, kbuild, strip, tools."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from vexfs_provider.errors import BuildError, UsageError
from vexfs_provider.guest.hosttool import missing_tool, tail, tool_environment
from vexfs_provider.guest.kernel_headers import compiler_arguments

_NOT_SOURCE = (".git", ".hg", ".svn", ".bzr", "_darcs")
# What an earlier build left in the tree: kbuild would take it for up to date, for any kernel.
_BUILD_PRODUCTS = ("*.o", "*.ko", "*.mod", "*.mod.c", ".*.cmd", "Module.symvers", "modules.order")
_TOOL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_COMPILER_ERROR = re.compile(r"error:|undefined!|No such file", re.IGNORECASE)
_MOST_ERRORS = 10

NOTES = "coverage"
"""The folder of an artefact that has gcov's notes (``.gcno``) and the source they are about."""


@dataclass(frozen=True)
class ModuleSource:
    """What shapes a module: its source, patches, flags and tools (name in the guest, file).

    With ``coverage`` it counts how often each of its lines is run (gcov).
    """

    folder: Path
    patches: tuple[Path, ...]
    cflags: str
    tools: tuple[tuple[str, Path], ...]
    coverage: bool = False

    @classmethod
    def checked(
        cls,
        folder: Path,
        patches: Sequence[Path],
        cflags: str,
        tools: Sequence[str],
        *,
        coverage: bool = False,
    ) -> "ModuleSource":
        """Raises ``UsageError`` for a folder, file or tool that cannot be."""
        if not any((folder / name).is_file() for name in ("Kbuild", "Makefile")):
            raise UsageError(
                f"module source {folder}: holds neither Kbuild nor Makefile; "
                "give the folder with the kbuild file of the module"
            )
        for patch in patches:
            if not patch.is_file():
                raise UsageError(f"patch {patch}: no such file")
        parsed = tuple(_parse_tool(tool) for tool in tools)
        absolute = tuple(patch.absolute() for patch in patches)
        return cls(folder.absolute(), absolute, cflags, parsed, coverage)


def _parse_tool(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    if not _TOOL_NAME.fullmatch(name) or not file:
        raise UsageError(f"tool {text!r}: expected NAME=FILE, as in mkfs.myfs=tools/mkfs.c")
    path = Path(file).absolute()
    if not path.is_file():
        raise UsageError(f"tool {text!r}: no such file {path}")
    return name, path


def digest_parts(source: ModuleSource) -> Iterator[object]:
    """The parts of a content key: every file that the build reads, and its arguments."""
    yield source.cflags
    if source.coverage:
        yield "coverage"
    for path in _source_files(source.folder):
        yield str(path.relative_to(source.folder))
        yield path
    yield from source.patches
    for name, path in source.tools:
        yield name
        yield path


def _source_files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_SOURCE)
        for name in sorted(files):
            path = Path(parent, name)
            if path.is_file() and not any(fnmatch(name, pattern) for pattern in _BUILD_PRODUCTS):
                yield path


def work_folder(folder: Path) -> Path:
    """Where ``build_into`` compiles: the counts of lines are named after it."""
    return folder / "source"


def build_into(folder: Path, source: ModuleSource, *, kdir: Path, log: Path) -> None:
    """Fill ``folder`` with the ``*.ko`` files, ``tools/`` and ``build.log``.

    For coverage ``NOTES`` as well: the source, and gcov's notes beside it. The log is kept at
    ``log`` when something fails. Raises ``BuildError``.
    """
    work = work_folder(folder)
    steps = _LoggedSteps(log, work)
    for path in _source_files(source.folder):
        copy = work / path.relative_to(source.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    for patch in source.patches:
        _apply(patch, work, steps)
    make = ["make", "-C", str(kdir), f"M={work}", f"-j{os.cpu_count() or 1}"]
    make += [*compiler_arguments(kdir), *([f"KCFLAGS={source.cflags}"] if source.cflags else [])]
    if source.coverage:
        make.append("GCOV_PROFILE=y")  # for every object of the module, and none of the kernel
    steps.run("kbuild", [*make, "modules"])
    _collect_objects(work, folder, steps)
    _build_tools(source, folder / "tools", steps)
    if source.coverage:
        _keep_notes(source, work, folder / NOTES, steps)
    shutil.rmtree(work)
    shutil.move(log, folder / "build.log")


class _LoggedSteps:
    """Runs commands whose output goes to one log file; ``work`` is the copy of the source."""

    def __init__(self, log: Path, work: Path):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        self._log = log
        self._work = work

    def run(self, step: str, argv: Sequence[str], *, cwd: Path | None = None) -> None:
        with open(self._log, "ab") as output:
            output.write(f"$ {' '.join(argv)}\n".encode())
            output.flush()
            start = output.tell()
            try:
                status = subprocess.run(
                    argv,
                    cwd=cwd,
                    env=tool_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    check=False,
                ).returncode
            except FileNotFoundError as error:
                raise missing_tool(argv[0]) from error
        if status != 0:
            text = self._log.read_bytes()[start:].decode(errors="replace")
            short = text.replace(f"{self._work}/", "")
            raise self.failure(f"{step} failed with status {status}:\n{_evidence(short)}")

    def failure(self, message: str) -> BuildError:
        return BuildError(f"{message}\nThe whole log: {self._log}")


def _evidence(output: str) -> str:
    """The first errors, which many warnings can push out of the end, and the end itself."""
    lines = output.splitlines()
    end = tail(output)
    errors = [line for line in lines if _COMPILER_ERROR.search(line) and line not in end]
    return "\n".join([*errors[:_MOST_ERRORS], end])


def _apply(patch: Path, tree: Path, steps: _LoggedSteps) -> None:
    try:
        argv = ["patch", "-p1", "--batch", "--forward", "-i", str(patch)]
        steps.run(f"patch {patch}", argv, cwd=tree)
    except BuildError as error:
        rejected = "".join(path.read_text() for path in sorted(tree.rglob("*.rej")))
        if not rejected:
            raise
        raise BuildError(f"{error}\nRejected:\n{rejected}") from error


def _collect_objects(work: Path, folder: Path, steps: _LoggedSteps) -> None:
    objects = sorted(work.rglob("*.ko"))
    if not objects:
        raise steps.failure("kbuild made no .ko file; does the Kbuild file set obj-m?")
    for path in objects:
        steps.run("strip", ["strip", "-g", "-o", str(folder / path.name), str(path)])


def _keep_notes(source: ModuleSource, work: Path, folder: Path, steps: _LoggedSteps) -> None:
    """What gcov needs beside the counts: the compiler's notes, and for people the lines."""
    notes = list(work.rglob("*.gcno"))
    if not notes:
        raise steps.failure("kbuild made no .gcno file: it was not told to count lines")
    texts = (work / path.relative_to(source.folder) for path in _source_files(source.folder))
    for path in (*notes, *texts):
        copy = folder / path.relative_to(work)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def _build_tools(source: ModuleSource, folder: Path, steps: _LoggedSteps) -> None:
    folder.mkdir()
    for name, path in source.tools:
        target = folder / name
        if path.suffix == ".c":
            argv = ["cc", "-O2", "-static", "-o", str(target), str(path)]
            steps.run(f"compiling the tool {name}", argv)
        else:
            shutil.copyfile(path, target)
        target.chmod(0o755)
