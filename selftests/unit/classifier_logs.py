"""Consoles for tests of the classifier, and a corpus of them."""

import json
from pathlib import Path

BOOT = "".join(
    f"[    {number // 10}.{number % 10}00000] {text}\n"
    for number, text in enumerate(
        (
            "Linux version 6.1.0 (gcc 12) #1 SMP",
            "Command line: console=ttyS0 panic=-1",
            "BIOS-provided physical RAM map:",
            "tsc: Fast TSC calibration failed",
            "smpboot: Total of 2 processors activated",
            "PCI: Using configuration type 1 for base access",
            "ACPI: Interpreter enabled",
            "SCSI subsystem initialized",
            "NET: Registered PF_INET protocol family",
            "workingset: timestamp_bits=62",
            "virtio_blk virtio0: [vda] 49152 512-byte logical blocks",
            "Freeing unused kernel image memory: 2612K",
            "Run /init as init process",
            "EXT4-fs (vda): mounted filesystem with ordered data mode.",
        )
    )
).encode()

HEADERS = (
    "BUG: kernel NULL pointer dereference, address: 0000000000000000",
    "kernel BUG at fs/demo/file.c:12!",
    "divide error: 0000 [#1] PREEMPT SMP NOPTI",
    "general protection fault, probably for non-canonical address 0xdead000000000100",
    "WARNING: CPU: 0 PID: 7 at fs/demo/file.c:12 demo_write+0x12/0x40 [demo]",
    "BUG: scheduling while atomic: sh/7/0x00000002",
    "list_del corruption. prev->next should be ffff888, but was ffff889",
)
_BODY = """\
CPU: 0 PID: 7 Comm: sh Not tainted 6.1.0 #1
Hardware name: QEMU Standard PC
RIP: 0010:demo_write+0x12/0x40 [demo]
Code: 48 8b 07 48 89 06 c3 66 90 48 8b 07 48 89 06
RSP: 0018:ffffc90000123e00 EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffff888003c0a000 RCX: 0000000000000000
Call Trace:
 <TASK>
 vfs_write+0xbe/0x400
 ksys_write+0x6d/0xf0
 do_syscall_64+0x5b/0xc0
 entry_SYSCALL_64_after_hwframe+0x6e/0xd8
 </TASK>
Modules linked in: demo(OE)
---[ end trace 0000000000000000 ]---
"""


def report(header: str = HEADERS[0], begin_s: int = 20) -> bytes:
    """A report with stamps."""
    lines = [header, *_BODY.splitlines()]
    return "".join(f"[   {begin_s}.{n:06}] {line}\n" for n, line in enumerate(lines)).encode()


def sysrq_dump() -> bytes:
    """A stack that was asked for."""
    head = b"[   20.000000] sysrq: Show backtrace of all active CPUs\n"
    return head + b"".join(report().splitlines(keepends=True)[1:-2])


def write_corpus(folder: Path, each: int = 4) -> Path:
    """As ``corpus build`` writes it: ``each`` logs of each header, and as many without a crash."""
    (folder / "logs").mkdir(parents=True)
    labels = []
    for number in range(each * len(HEADERS)):
        place = number % len(HEADERS)
        boot = BOOT.replace(b"49152", str(49152 + number).encode())
        for crash, log in ((True, boot + report(HEADERS[place])), (False, boot + sysrq_dump())):
            name = f"{'crash' if crash else 'benign'}-{number}"
            (folder / "logs" / f"{name}.log").write_bytes(log)
            label = {"id": name, "file": f"logs/{name}.log", "crash": crash, "group": name}
            labels.append({**label, "kind": f"kind-{place}" if crash else "benign"})
    (folder / "labels.jsonl").write_text("".join(json.dumps(label) + "\n" for label in labels))
    return folder
