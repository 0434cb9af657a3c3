"""Where a test's time goes: what is planted for each instrument that records is seen by it.

| instrument      | planted                                       | seen as                   |
| --------------- | --------------------------------------------- | ------------------------- |
| block_latency   | QEMU slows a disk down to 20 requests/s       | a median above 40 ms      |
| profile         | a function that spins for 100 ms              | the top of the profile    |
| off_cpu         | a function that sleeps for 100 ms             | a wait of that sum        |
| lock_contention | a mutex that one process keeps, another wants | its name, place and waits |
"""

import json
import re
import xml.etree.ElementTree as xml

import pytest
from planted import run_planted, titles

from vexfs_provider.guest.kernel import find_kernel
from vexfs_provider.scenarios import mount
from vexfs_provider.store import Store

pytestmark = pytest.mark.usefixtures("runtime")

TIMEOUT_S = 60.0
REQUESTS, REQUESTS_A_SECOND = 30, 20
FILES = 8
THROTTLED = "/machine/peripheral/test-device/virtio-backend"  # QEMU asks for the disk itself
NO_CHECK = ["check: planted has no check command"]


def read(folder, name):
    return (folder / "job" / name).read_text()


def mounted(bench, script):
    """Run a shell script in the mounted filesystem."""
    bench.make()
    bench.mount()
    result = bench.guest.run(
        ["sh", "-c", f"cd {bench.mountpoint} && {script}"], timeout_s=TIMEOUT_S
    )
    assert result.ok, result.text


def slow_disk(bench):
    """Read a disk that QEMU slows down, one request after the other."""
    limits: dict[str, object] = dict.fromkeys(("bps", "bps_rd", "bps_wr", "iops_rd", "iops_wr"), 0)
    limits |= {"id": THROTTLED, "iops": REQUESTS_A_SECOND}
    bench.guest.machine.qmp.execute_raw("block_set_io_throttle", limits)
    command = ["dd", f"if={bench.device}", "of=/dev/null", "bs=4k", f"count={REQUESTS}"]
    assert bench.guest.run([*command, "iflag=direct"], timeout_s=TIMEOUT_S).ok


def test_a_slow_disk_shows_in_the_latency_of_its_requests(perform, tmp_path):
    record = perform(slow_disk, instrument="block_latency").record
    assert record.status == "PASS", record.reason
    text = read(tmp_path, "block_latency.txt")
    requests = json.loads(text.splitlines()[-1])["requests"]
    # The disk under test is the one that somebody has slowed down; others have the guest's system.
    reads = max(requests, key=lambda one: one["median_us"])
    assert reads["direction"] == "read"
    assert reads["count"] == REQUESTS
    assert reads["median_us"] > 40_000
    assert sum(reads["histogram_us"].values()) == REQUESTS
    assert re.search(r"32768 \.\. 65536 +us +\d+ \|@+ *\|", text)


def busy(bench):
    mounted(bench, f"for i in $(seq {FILES}); do : >f$i; done")


def test_a_busy_function_tops_the_profile(tmp_path):
    record = run_planted(busy, tmp_path, "busy", instrument="profile")
    assert record.status == "PASS", record.reason
    stacks = dict(
        line.rsplit(" ", 1)
        for line in read(tmp_path, "profile.folded").splitlines()
        if not line.startswith("#")
    )
    samples = sum(
        int(count)
        for stack, count in stacks.items()
        if ";planted_create [vexfs_planted];stay_busy [vexfs_planted]" in stack
    )
    assert samples > FILES * 5, "a sample every 10 ms of 100 ms, twice as few on a busy host"
    picture = xml.fromstring(read(tmp_path, "profile.svg"))
    texts = ["".join(element.itertext()) for element in picture]
    assert re.search(r"samples of 10.1 ms: \S+ % stay_busy \[vexfs_planted\]", texts[1])


def contend(bench):
    """Two processes make files in folders of their own, so that they meet in the module only."""
    one = f"for i in $(seq {FILES}); do : >$folder/f$i; done"
    mounted(bench, f"mkdir a b; (folder=a; {one}) & (folder=b; {one}) & wait")


def check_contention(text):
    [line] = [one for one in text.splitlines() if "slow_lock [vexfs_planted]: " in one][:1]
    assert " mutex " in line and "keep_slow_lock [vexfs_planted]" in line
    spent_us, times = re.match(r" *(\d+) us +(\d+) times", line).groups()
    assert int(times) >= FILES and int(spent_us) > FILES * 50_000


def test_a_contended_mutex_and_a_sleep_are_seen(tmp_path):
    record = run_planted(contend, tmp_path, "contended", instrument="off_cpu lock_contention")
    assert (record.status, record.unsupported) == ("PASS", NO_CHECK), record.reason
    check_contention(read(tmp_path, "lock_contention.txt"))
    waits_us = [
        int(line.rsplit(" ", 1)[1])
        for line in read(tmp_path, "off_cpu.folded").splitlines()
        if ";[uninterruptible];" in line and "keep_slow_lock [vexfs_planted];msleep" in line
    ]
    assert sum(waits_us) > 2 * FILES * 90_000
    assert "keep_slow_lock" in read(tmp_path, "off_cpu.svg")


def test_a_debug_kernel_adds_its_statistics_of_locks(perform, tmp_path):
    if find_kernel("debug", Store()) is None:
        pytest.skip("kernel 'debug' is not in the cache; make test-debug compiles it")
    params = {"guest_kernel": "debug", "instrument": "lock_contention", "mount_cycles": "1"}
    record = perform(mount.cycle, **params).record
    assert (record.status, titles(record)) == ("PASS", [])
    text = read(tmp_path, "lock_contention.txt")
    assert "lock_stat:" in text and "class name" in text
    assert any("lockdep" in one for one in record.unsupported)
