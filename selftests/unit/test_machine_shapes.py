"""What a machine is started with, and which of it is part of a snapshot's key."""

import os
from pathlib import Path

import pytest

from vexfs_provider.guest.command_line import Boot, boot_arguments, restore_arguments
from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.guest.shape import Disk, Shape
from vexfs_provider.guest.share import open_shared
from vexfs_provider.scenarios import lifecycle
from vexfs_provider.scenarios.backend_sample import covering_sample, pairs, possible
from vexfs_provider.scenarios.backends import with_backend

BOOT = Boot(Path("/k"), Path("/i"), Path("/r"), Path("/m"))
RAM = Path("/ram")


def test_room_for_processors_changes_only_the_key_of_those_that_have_it():
    assert "max_cpus" not in Shape().key_parts()
    assert Shape(max_cpus=4).key_parts() == {**Shape().key_parts(), "max_cpus": 4}
    assert (Shape().smp_argument, Shape(max_cpus=4).smp_argument) == ("2", "2,maxcpus=4")


def test_a_fork_never_writes_into_the_saved_memory():
    [usual] = [word for word in restore_arguments(Shape(), RAM) if str(RAM) in word]
    assert usual.endswith("share=off")
    [own] = [word for word in restore_arguments(Shape(), RAM, own_ram=True) if str(RAM) in word]
    assert own.endswith("share=on")


def test_only_a_fork_that_reboots_reads_a_kernel():
    kernel = boot_arguments(Shape(), BOOT)[-6:]
    assert kernel[0] == "-kernel"
    usual = restore_arguments(Shape(), RAM)
    assert "-kernel" not in usual and "linuxboot_dma.bin" in usual
    rebooting = restore_arguments(Shape(), RAM, boot=BOOT)
    assert "linuxboot_dma.bin" not in rebooting and set(kernel) <= set(rebooting)


def test_the_sample_of_back_ends_has_every_possible_pair():
    sample = covering_sample()
    every = {pair for backend in possible() for pair in pairs(backend)}
    assert {pair for backend in sample for pair in pairs(backend)} == every
    assert len(sample) <= 16 and sample == covering_sample()


def test_a_back_end_gets_a_kernel_with_a_driver(spec):
    ahci = next(backend for backend in possible() if backend["bus"] == "ahci")
    nvme = next(backend for backend in possible() if backend["bus"] == "nvme")
    assert with_backend(ahci, spec).kernel == "6.1-generic"
    assert with_backend(nvme, spec).kernel == "6.1"
    assert with_backend(nvme, spec).disks[0].bus == "nvme"
    assert with_backend(nvme, spec).disks[1:] == spec.disks[1:]


def test_each_event_has_a_machine_of_those_that_are_there(spec):
    machines = [event.machine for event in lifecycle.EVENTS]
    assert all(machine(spec).disks[1:] == spec.disks[1:] for machine in machines)
    # Guests are shared by neighbours: a machine that came twice would cost a guest more.
    starts = [
        one for one, before in zip(machines, [None, *machines], strict=False) if one != before
    ]
    assert len(starts) == len(set(starts))


@pytest.fixture
def spec():
    return GuestSpec(disks=(Disk("test"), Disk("spare")))


def plant_link(folder):
    (folder / "file").symlink_to("/etc/hostname")


def plant_linked_folder(folder):
    (folder / "real").mkdir()
    (folder / "real" / "file").write_text("x")
    (folder / "below").symlink_to("real")


def plant_fifo(folder):
    os.mkfifo(folder / "file")


@pytest.mark.parametrize(
    ("plant", "name"),
    [(plant_link, "file"), (plant_linked_folder, "below/file"), (plant_fifo, "file")],
)
def test_the_host_follows_nothing_that_a_guest_has_left_in_a_share(tmp_path, plant, name):
    plant(tmp_path)
    with pytest.raises(OSError, match=r".+"):
        open_shared(tmp_path, name, os.O_RDONLY)


def test_the_host_reads_files_of_a_share(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"content")
    with open(open_shared(tmp_path, "below/file", os.O_RDONLY), "rb") as file:
        assert file.read() == b"content"
