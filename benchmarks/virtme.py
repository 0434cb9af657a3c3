"""The reference for a fresh guest's first command: virtme-ng, a cold boot made as short as it goes.

https://github.com/arighi/virtme-ng; from PyPI, in the extra ``bench``.
"""

import os
import shutil
import sys
from pathlib import Path

from benchmarks.timed import run_timed
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.guest.kernel import Kernel
from vexfs_provider.guest.shape import Shape

MISSING = "virtme-ng is not installed, so no reference is measured; run: pip install '.[bench]'"
TIMEOUT_S = 300


def find_program() -> str | None:
    """The path of ``vng``, beside our Python or in PATH."""
    folders = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return shutil.which("vng", path=folders)


def seconds_of_uname(program: str, kernel: Kernel, shape: Shape) -> float:
    """How long virtme-ng takes to run ``uname -r`` in a guest with this kernel and shape.

    It finds the kernel's modules by itself: they lie where a package would install them.
    Raises ``InfrastructureError`` with its last words if the answer does not come.
    """
    command = [
        *(program, "--run", str(kernel.vmlinuz)),
        *("--cpus", str(shape.smp), "--memory", f"{shape.memory_mib}M"),
        "--force-9p",  # virtiofs needs a daemon that few hosts have
        # Without udev the guest has no ports for output but its console, which verbose shows.
        *("--verbose", "--append", "loglevel=1"),
        *(["--disable-kvm"] if shape.accelerator == "tcg" else []),
        *("--", "uname", "-r"),
    ]
    done = run_timed(command, TIMEOUT_S)
    lines = [line.strip() for line in done.output.splitlines()]
    if kernel.release not in lines:
        words = "\n".join(lines[-10:])
        raise InfrastructureError(f"virtme-ng did not run uname -r, it said:\n{words}")
    return done.seconds
