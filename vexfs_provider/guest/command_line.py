"""QEMU's command line, from a boot description; no side effects."""

from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.guest.disks import block_device_arguments, device_arguments
from vexfs_provider.guest.shape import Shape
from vexfs_provider.isolation.sandbox import confinement_arguments

QEMU = "qemu-system-x86_64"
AGENT_PORT = "agent-port"
FLIGHT_PORT = 0xE9
"""The I/O port of the flight recorder: a byte that the guest writes there is in the log at once."""

# no_timer_check: on a loaded host a TCG guest can stop at "8254 timer not connected to IO-APIC".
# panic=-1 makes a panic reboot at once; QEMU then pauses the machine and says so.
# norandmaps: a library stays at its address, so TCG translates it once and not in every process;
# it halves the time of a short command.
KERNEL_ARGUMENTS = ("console=ttyS0", "no_timer_check", "panic=-1", "net.ifnames=0", "norandmaps")


@dataclass(frozen=True)
class Boot:
    """What a guest boots from."""

    kernel: Path
    initrd: Path
    root_image: Path
    modules_image: Path


@dataclass(frozen=True)
class Channels:
    """How the host talks to the machine: descriptors for QEMU to inherit, paths it opens."""

    qmp_fd: int
    agent_fd: int
    shell_socket: Path
    console_log: Path
    console_socket: Path
    flight_log: Path


def base_arguments(name: str, shape: Shape, boot: Boot, channels: Channels) -> list[str]:
    """The arguments that a saving, a restoring and a cold machine have in common."""
    accelerator = "tcg,thread=multi" if shape.accelerator == "tcg" else shape.accelerator
    arguments = [
        QEMU,
        *confinement_arguments(),
        *("-name", name),
        *("-accel", accelerator),
        *("-machine", f"{shape.machine},memory-backend=mem"),
        *("-cpu", shape.cpu_argument),
        *("-smp", shape.smp_argument),
        *("-m", str(shape.memory_mib)),
        # A machine that resets or panics stays, paused, so that it can be told why and looked into.
        *("-action", "reboot=shutdown,shutdown=pause,panic=pause"),
        *("-chardev", f"socket,id=qmp,fd={channels.qmp_fd}"),
        *("-mon", "chardev=qmp,mode=control"),
        *_console_arguments(channels),
        *_read_only_disk("root", boot.root_image),
        *_read_only_disk("modules", boot.modules_image),
        *("-device", "virtio-rng-pci"),
        *("-device", "pvpanic-pci"),
        # Appended to, so that the host may cut the file while QEMU has it open.
        *("-chardev", f"file,id=flight,path={channels.flight_log},append=on"),
        *("-device", f"isa-debugcon,iobase={FLIGHT_PORT:#x},chardev=flight"),
    ]
    for disk in shape.cold_disks:
        arguments += block_device_arguments(disk)
        arguments += device_arguments(disk)
    return arguments


def boot_arguments(shape: Shape, boot: Boot, ram: Path | None = None) -> list[str]:
    """How a machine boots; its memory is anonymous, or the file ``ram``, which then keeps it."""
    return [
        *_memory(shape, ram, share=True),
        *_kernel(shape, boot),
    ]


def restore_arguments(
    shape: Shape, ram: Path | None, *, own_ram: bool = False, boot: Boot | None = None
) -> list[str]:
    """How a fork starts: it waits for the state; ``ram`` is mapped copy-on-write.

    With ``own_ram`` no other machine has that file, and what the guest writes goes into it. The
    guest has long been loaded. Of ``-kernel`` only the loader's ROM is part of the state, and
    naming just that saves a fork the reading and keeping of kernel and initramfs; one that is to
    reboot gets what to ``boot`` from.
    """
    return [
        *_memory(shape, ram, share=own_ram),
        *(_kernel(shape, boot) if boot else ("-option-rom", "linuxboot_dma.bin")),
        *("-incoming", "defer"),
    ]


def _kernel(shape: Shape, boot: Boot) -> list[str]:
    return [
        *("-kernel", str(boot.kernel)),
        *("-initrd", str(boot.initrd)),
        *("-append", " ".join((*KERNEL_ARGUMENTS, *shape.kernel_arguments))),
    ]


def _memory(shape: Shape, ram: Path | None, *, share: bool) -> list[str]:
    size = f"id=mem,size={shape.memory_mib}M"
    if ram is None:
        return ["-object", f"memory-backend-ram,{size}"]
    sharing = "on" if share else "off"
    return ["-object", f"memory-backend-file,{size},mem-path={ram},share={sharing}"]


def _console_arguments(channels: Channels) -> list[str]:
    # With nobody connected the socket drops its output; the log file beside it gets every byte.
    console = f"socket,id=console,path={channels.console_socket},server=on,wait=off"
    return [
        *("-chardev", f"{console},logfile={channels.console_log},logappend=on"),
        *("-serial", "chardev:console"),
        *("-device", "virtio-serial-pci"),
        *("-chardev", f"socket,id=agent,fd={channels.agent_fd}"),
        *("-device", f"virtserialport,id={AGENT_PORT},chardev=agent,name=vexfs.agent"),
        *("-chardev", f"socket,id=shell,path={channels.shell_socket},server=on,wait=off"),
        *("-device", "virtconsole,chardev=shell"),
    ]


def _read_only_disk(name: str, image: Path) -> list[str]:
    file = f"driver=file,filename={image},node-name={name}-file,read-only=on"
    return [
        *("-blockdev", f"{file},cache.direct=off,locking=off"),
        *("-blockdev", f"driver=raw,file={name}-file,node-name={name},read-only=on"),
        *("-device", f"virtio-blk-pci,drive={name},serial=vexfs-{name}"),
    ]
