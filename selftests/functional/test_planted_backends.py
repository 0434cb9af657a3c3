"""Back ends, the share and the network: each check is seen to fail on what is planted beside it."""

import pytest

from vexfs_provider.guest import disks, network
from vexfs_provider.guest.guest import Guest
from vexfs_provider.scenarios import backends, guest_network, host_share
from vexfs_provider.scenarios.bench import Bench

TIMEOUT_S = 30.0


def change_before_reading(guest, function, arguments):
    """A byte of a file is written over behind the scenario's back."""
    if function == "compare_files":
        script = f"printf X | dd of={arguments['folder']}/f3 bs=1 seek=5000 conv=notrunc"
        assert guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S).ok


def wrong_data(monkeypatch):
    original = Guest.call

    def call(self, module, function, timeout_s, **arguments):
        change_before_reading(self, function, arguments)
        return original(self, module, function, timeout_s, **arguments)

    monkeypatch.setattr(Guest, "call", call)


def wrong_sectors(monkeypatch):
    """QEMU is not told which sectors the disk is to have."""
    original = disks.device

    def device(disk):
        properties = original(disk)
        return {**properties, "physical_block_size": 2048}

    monkeypatch.setattr(disks, "device", device)


def changed_file(monkeypatch):
    """What came from the share is written over before the remount."""
    original = Bench.unmount

    def unmount(bench):
        path = f"{bench.mountpoint}/{host_share.TO_GUEST}/file_4097"
        bench.guest.run(["sh", "-c", f"[ ! -e {path} ] || echo X >{path}"], timeout_s=TIMEOUT_S)
        return original(bench)

    monkeypatch.setattr(Bench, "unmount", unmount)


def unseen_change(monkeypatch):
    original = host_share._read
    monkeypatch.setattr(
        host_share, "_read", lambda folder, name: original(folder, name).replace(b"guest", b"")
    )


def open_network(monkeypatch):
    """QEMU's network is not restricted to what is forwarded."""
    original = network._plugged
    monkeypatch.setattr(
        network, "_plugged", lambda guest, netdev: original(guest, {**netdev, "restrict": False})
    )


def cut_answer(monkeypatch):
    original = guest_network.exchange
    monkeypatch.setattr(guest_network, "exchange", lambda *words: original(*words)[:-1])


COMES_BACK = "what went over the {} network to a file comes back different"
PLANTED = {
    "data": (backends.run, wrong_data, {"data mismatch on {}"}),
    "sectors": (backends.run, wrong_sectors, {"the guest has other sectors on {}"}),
    "copied file": (
        host_share.run,
        changed_file,
        {"a file from the host comes back different"},
    ),
    "share": (
        host_share.run,
        unseen_change,
        {"the host does not see what the other side wrote to the share"},
    ),
    "echo": (
        guest_network.run,
        cut_answer,
        {COMES_BACK.format("user"), COMES_BACK.format("bridge")},
    ),
}
"""Fault -> scenario, how it is planted, and the titles of exactly the findings that it gives."""

BACKEND = "virtio_blk cache=none aio=threads raw 512/512"  # the first of the sample


@pytest.mark.parametrize(("scenario", "plant", "titles"), PLANTED.values(), ids=PLANTED)
def test_a_fault_is_found(perform, monkeypatch, scenario, plant, titles):
    plant(monkeypatch)
    values = {"backends": "1"} if scenario is backends.run else {}
    outcome = perform(scenario, **values)
    assert outcome.record.status == "FAIL", outcome.record.reason
    assert set(outcome.titles) == {title.format(BACKEND) for title in titles}


def test_a_guest_that_reaches_the_host_is_found(perform, monkeypatch):
    # A tap takes no such setting, so the bridge is left out.
    monkeypatch.setattr(guest_network, "_echo", lambda *_: None)
    monkeypatch.setattr(network, "bridged_network", not_here)
    open_network(monkeypatch)
    outcome = perform(guest_network.run)
    assert outcome.titles == ["the guest reaches the host by its network"]
    assert outcome.record.unsupported == ["bridge: left out"]


def not_here(_guest):
    raise backends.NotApplicable("left out")
