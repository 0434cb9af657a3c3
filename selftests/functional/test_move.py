"""A guest that moves to a second QEMU keeps all of its memory."""

from vexfs_provider.guest.move import move

MOVES = 3
WRITERS = "stress-ng --vm 2 --vm-bytes 24m --vm-method inc-nybble --verify --timeout 12"
STATUS = "/run/writers"
TIMEOUT_S = 60.0


def test_what_writers_write_meanwhile_is_not_lost(start):
    guest = start().guest

    def run(script):
        return guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S)

    assert run(f"{{ {WRITERS}; echo $? >{STATUS}; }} >/run/writers.log 2>&1 &").ok
    for _ in range(MOVES):
        left = guest.machine
        move(guest)
        assert guest.machine is not left
        assert guest.machine.qmp.execute("query-status")["running"]
    # They verify what they wrote, and say by their status whether all was right.
    ended = run(f"until [ -s {STATUS} ]; do sleep 0.1; done; cat {STATUS}")
    assert ended.text.split() == ["0"], run("cat /run/writers.log; dmesg | tail -50").text
