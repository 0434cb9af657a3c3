"""A snapshot that cannot be restored: the guest boots cold, says why, and the next one is warm."""

import os
import shutil

import pytest

from vexfs_provider.errors import GuestError
from vexfs_provider.guest import guest as guest_module
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.launch import LOST_CONSOLE, GuestSpec, build_base
from vexfs_provider.guest.snapshot import KIND, get_snapshot
from vexfs_provider.store import Store

TIMEOUT_S = 30.0


@pytest.fixture
def good_snapshot(run, progress):
    """The snapshot of the default guest in the user's store."""
    store = Store()
    base = build_base(GuestSpec(), store=store, progress=progress)
    return get_snapshot(base, run, store=store, progress=progress)


@pytest.fixture
def spoiled(good_snapshot, own_cache):
    """A copy of it in a store of the test's own, whose saved state can be spoiled."""
    folder = own_cache / KIND / good_snapshot.key
    folder.mkdir(parents=True)
    for file in good_snapshot.folder.iterdir():
        if file.name == "state":
            shutil.copy(file, folder)
        else:
            (folder / file.name).symlink_to(file)
    return folder / "state"


def cut_in_half(state):
    os.truncate(state, state.stat().st_size // 2)


def empty(state):
    os.truncate(state, 0)


def scramble(state):
    state.write_bytes(bytes(reversed(state.read_bytes())))


@pytest.mark.parametrize("spoil", [cut_in_half, empty, scramble])
def test_warm_or_nothing_is_an_error(spoiled, start, spoil):
    spoil(spoiled)
    with pytest.raises(GuestError):
        start(start="warm")


def test_memory_cut_short_is_seen_before_the_start(spoiled, start):
    memory = spoiled.with_name("ram")
    size = memory.stat().st_size
    memory.unlink()
    with open(memory, "wb") as file:
        file.truncate(size // 2)
    with pytest.raises(GuestError, match=f"{size // 2} bytes, not {size}"):
        start(start="warm")


def trivial(bench):
    assert bench.guest.run(["true"], timeout_s=TIMEOUT_S).ok


def test_the_guest_boots_cold_then_a_new_snapshot_is_made(spoiled, perform):
    cut_in_half(spoiled)
    outcome = perform(trivial, "tmpfs")
    assert outcome.record.status == "PASS"
    [guest] = outcome.record.guests
    assert guest["mode"] == "cold"
    assert guest["reason"].startswith("the warm fork failed: ")
    assert "(cold) ----" in outcome.console

    assert not spoiled.exists()
    outcome = perform(trivial, "tmpfs")
    [guest] = outcome.record.guests
    assert (guest["mode"], guest["reason"]) == ("warm", "")
    assert spoiled.stat().st_size > 0


def test_a_cold_start_can_be_asked_for(perform):
    outcome = perform(trivial, "tmpfs", guest_start="cold")
    assert outcome.record.status == "PASS"
    [guest] = outcome.record.guests
    assert (guest["mode"], guest["reason"]) == ("cold", "asked for")


@pytest.fixture
def freeze(monkeypatch):
    """``freeze(times)``: so many guests stand still from the moment that a disk is plugged on."""
    monkeypatch.setattr(guest_module, "DISK_TIMEOUT_S", 1.0)
    monkeypatch.setattr(guest_module, "AGENT_GRACE_S", 1.0)
    plug = Guest.add_disk

    def freeze_first(times):
        left = iter(range(times))

        def plug_frozen(guest, disk):
            if next(left, None) is not None:
                guest.machine.qmp.execute("stop")
            return plug(guest, disk)

        monkeypatch.setattr(Guest, "add_disk", plug_frozen)

    return freeze_first


def test_a_fork_that_stops_answering_before_the_test_is_replaced(freeze, perform):
    freeze(1)
    outcome = perform(trivial, "ext4")
    assert outcome.record.status == "PASS"
    [guest] = outcome.record.guests
    assert guest["mode"] == "cold"
    assert guest["reason"].startswith("the guest before it stopped answering: ")
    assert LOST_CONSOLE in outcome.record.artefacts


def test_guests_that_stop_answering_before_the_test_are_no_matter_of_the_filesystem(
    freeze, perform
):
    freeze(2)
    outcome = perform(trivial, "ext4")
    assert outcome.record.status == "ERROR"
    assert outcome.record.findings == []
    assert "the guest stopped answering while its disks were plugged" in outcome.record.reason
