"""A warm fork: fresh, alone, on time, and with the console of its snapshot's boot."""

import time

from conftest import wait_until

from vexfs_provider.guest.launch import GuestStart

CLOCK_TOLERANCE_S = 3.0
FORKS = 10


def test_a_fork_answers_with_the_kernel_it_runs(start):
    fork = start(start="warm")
    assert fork.start == GuestStart("warm", fork.start.seconds)
    assert fork.sh("uname -r") == fork.guest.kernel_release
    assert "-cloud-amd64" in fork.guest.kernel_release


def test_forks_do_not_see_each_others_writes(start):
    first, second = start(), start()
    # On the overlay above the root disk, on a tmpfs, and in the kernel's own memory.
    first.sh("echo first | tee /etc/mark /tmp/mark; hostname first")
    look = "cat /etc/mark /tmp/mark 2>/dev/null; hostname"
    assert first.sh(look).split() == ["first"] * 3
    for other in (second, start()):
        assert other.sh(f"{look}") == "vexfs-guest"


def test_the_clock_is_the_hosts(start):
    fork = start(start="warm")
    before = time.time()
    clock = float(fork.sh("date +%s.%N"))
    assert before - CLOCK_TOLERANCE_S < clock < time.time() + CLOCK_TOLERANCE_S


def test_forks_of_one_snapshot_draw_different_random_bytes(start):
    drawn = {start(start="warm").guest.get("/dev/urandom", size=32) for _ in range(3)}
    assert len(drawn) == 3


def test_the_console_holds_the_boot_then_the_boundary_then_the_test(start, run):
    guest = start(start="warm").guest
    guest.note("written by the test")
    wait_until(lambda: b"written by the test" in guest.console(), "the console has the note")
    console = guest.console_log.read_text(errors="replace")
    boundary = f"vexfs: ---- {run.id}/g0 starts here (warm) ----"
    places = [console.find(text) for text in ("Linux version", "vexfs-agent: ready", boundary)]
    assert -1 not in places and places == sorted(places)
    since = guest.console().decode(errors="replace")
    assert boundary in since and "Linux version" not in since
    assert since.index(boundary) < since.index("written by the test")


def test_ten_forks_at_once(start):
    forks = [start(start="warm") for _ in range(FORKS)]
    for number, fork in enumerate(forks):
        fork.sh(f"echo {number} >/tmp/number")
    assert [fork.sh("cat /tmp/number") for fork in forks] == [str(n) for n in range(FORKS)]
