"""Which accelerator works here, proved by booting; the existence of /dev/kvm proves nothing.

The guest of the proof is ``deps/probe/probe.S``, a firmware that reaches long mode and says so.
The answer is kept with the host's boot id, QEMU's identity and the probe's source.
"""

import json
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from vexfs_provider.errors import BuildError, GuestError, InfrastructureError
from vexfs_provider.guest.command_line import QEMU
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.shape import ACCELERATORS, Shape
from vexfs_provider.guest.snapshot import qemu_identity
from vexfs_provider.isolation.sandbox import confinement_arguments, die_with_parent
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key, write_atomically

PROBE_TIMEOUT_S = 20.0
PROBE_EXIT = 0x31 << 1 | 1  # what isa-debug-exit makes of the value that the firmware writes


@dataclass(frozen=True)
class Proof:
    """Whether an accelerator ran the probe's guest; ``detail`` is QEMU's word if it did not."""

    accelerator: str
    works: bool
    detail: str


def probe(*, store: Store, progress: Progress) -> list[Proof]:
    """A proof for each accelerator, from the cache where this boot of the host has one.

    Raises ``GuestError`` if QEMU is missing and ``BuildError`` if the firmware cannot be assembled.
    """
    source = data_dir("deps") / "probe" / "probe.S"
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    key = content_key(source, boot_id, qemu_identity())
    cached = store.root / "accelerators" / f"{key}.json"
    if cached.is_file():
        return [Proof(**entry) for entry in json.loads(cached.read_text())]
    with progress.task("proving accelerators by booting"), tempfile.TemporaryDirectory() as work:
        firmware = _assemble(source, Path(work))
        proofs = [_prove(name, firmware) for name in ACCELERATORS]
    write_atomically(cached, json.dumps([asdict(proof) for proof in proofs]))
    return proofs


def resolve_accelerator(wanted: str, *, store: Store, progress: Progress) -> str:
    """The accelerator for ``wanted`` (``auto``: KVM if it is proved, else TCG).

    Raises ``InfrastructureError`` with QEMU's words if the wanted one does not work here.
    """
    proofs = {proof.accelerator: proof for proof in probe(store=store, progress=progress)}
    if wanted == "auto":
        wanted = "kvm" if proofs["kvm"].works else "tcg"
    if not proofs[wanted].works:
        detail = proofs[wanted].detail
        raise InfrastructureError(f"vm_accelerator = {wanted!r} boots no guest here: {detail}")
    return wanted


def _assemble(source: Path, work: Path) -> Path:
    linked, firmware = work / "probe.o", work / "probe.bin"
    run_tool(["as", "--64", source, "-o", linked])
    run_tool(["objcopy", "-O", "binary", "-j", ".text", linked, firmware])
    if firmware.stat().st_size != 1 << 16:
        raise BuildError(f"{source.name} gave {firmware.stat().st_size} bytes, not 64 KiB")
    return firmware


def _prove(accelerator: str, firmware: Path) -> Proof:
    command = [
        QEMU,
        *confinement_arguments(),
        *("-accel", accelerator),
        *("-machine", Shape().machine),
        *("-cpu", Shape().cpu),
        *("-m", "16"),
        *("-bios", str(firmware)),
        *("-device", "isa-debug-exit,iobase=0xf4,iosize=4"),
    ]
    try:
        done = subprocess.run(
            die_with_parent(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Proof(accelerator, False, f"its guest did not start within {PROBE_TIMEOUT_S:g} s")
    except OSError as error:
        raise GuestError(f"cannot run {QEMU}: {error}") from error
    if done.returncode == PROBE_EXIT:
        return Proof(accelerator, True, "")
    words = done.stderr.strip().splitlines()
    return Proof(accelerator, False, words[0] if words else f"QEMU ended with {done.returncode}")
