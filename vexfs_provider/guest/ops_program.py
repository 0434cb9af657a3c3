"""The program that runs lists of operations in the guest: ``deps/ops``, compiled on the host."""

import os
import shutil
from pathlib import Path

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.hosttool import missing_tool, run_tool
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

PROGRAM = "/run/vexfs/ops"
"""Where it lies in the guest."""

COMPILER = "cc"
FLAGS = ("-std=gnu11", "-D_GNU_SOURCE", "-O2", "-static", "-s")
NO_LIBRARY = "cannot find -l"  # the linker's words for a missing library


def get_ops_program(*, store: Store, progress: Progress) -> tuple[Path, str]:
    """The program and its key; compiled when its sources or the compiler have changed.

    Raises ``BuildError`` if the host lacks the compiler or the C library to link with.
    """
    folder = data_dir("deps") / "ops"
    sources = sorted(folder.glob("*.c"))
    parts = [item for path in (*sources, folder / "ops.h") for item in (path.name, path)]
    key = content_key(_compiler_identity(), list(FLAGS), *parts)

    def build(target: Path) -> None:
        compile_program(target / "ops", sources)

    label = "the executor of operations"
    return store.get("executors", key, build, progress=progress, label=label) / "ops", key


def compile_program(program: Path, sources: list[Path], flags: tuple[str, ...] = FLAGS) -> None:
    """Compile C sources to a program that needs no library. Raises ``BuildError``."""
    try:
        run_tool([COMPILER, *flags, "-o", program, *sources])
    except BuildError as error:
        if NO_LIBRARY in str(error):
            hint = "the host lacks the static C library; install it: apt-get install libc6-dev"
            raise BuildError(f"{hint}\n{error}") from error
        raise


def _compiler_identity() -> str:
    """Path, size and change time of the compiler: cheaper than asking its version each time."""
    found = shutil.which(COMPILER)
    if found is None:
        raise missing_tool(COMPILER)
    facts = os.stat(found)
    return f"{os.path.realpath(found)}:{facts.st_size}:{facts.st_mtime_ns}"
