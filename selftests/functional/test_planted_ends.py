"""Ways in which a guest, its agent or a test ends before its time: told apart in the record."""

import os
import signal

import pytest

TIMEOUT_S = 30.0
NEVER_S = 3600.0


def sysrq_and_wait(bench, key):
    script = f"echo {key} >/proc/sysrq-trigger; sleep {NEVER_S}"
    bench.guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S)


def power_off(bench):
    sysrq_and_wait(bench, "o")


def reset(bench):
    sysrq_and_wait(bench, "b")


@pytest.mark.parametrize(
    ("scenario", "kind", "end"),
    [
        (power_off, "power-off", "powered off"),
        (reset, "reboot", "reset"),
    ],
)
def test_a_guest_that_ends_by_itself_is_a_finding(perform, scenario, kind, end):
    outcome = perform(scenario)
    assert outcome.record.status == "FAIL"
    finding = outcome.only_finding(kind)
    assert finding.evidence[-1].source == "console.log"
    assert outcome.record.guests[0]["end"] == end
    assert outcome.record.duration_s < TIMEOUT_S


def kill_agent(bench):
    # The agent is the parent of every command.
    bench.guest.run(["sh", "-c", "kill -9 $PPID; sleep 60"], timeout_s=TIMEOUT_S)


def test_a_killed_agent_is_told_from_a_dead_guest(perform):
    outcome = perform(kill_agent)
    assert outcome.record.status == "FAIL"
    assert outcome.only_finding("agent-lost").title == "the guest's agent was lost"
    assert outcome.record.guests[0]["end"] == "running"
    # Nobody in the guest could be asked: the stacks came by the serial console.
    for dump in ("sysrq: Show Blocked State", "sysrq: Show State", "task:khungtaskd"):
        assert dump in outcome.console
    assert outcome.record.duration_s < TIMEOUT_S


def kill_qemu(bench):
    os.kill(bench.guest.machine.pid, signal.SIGKILL)
    bench.guest.run(["true"], timeout_s=TIMEOUT_S)


def test_a_killed_qemu_is_no_matter_of_the_filesystem(perform):
    outcome = perform(kill_qemu)
    assert outcome.record.status == "ERROR"
    assert outcome.record.findings == []
    assert "QEMU exited" in outcome.record.reason
    assert outcome.record.guests[0]["end"] == "QEMU exited"


def many_short_steps(bench):
    while True:
        bench.guest.run(["true"], timeout_s=TIMEOUT_S)


def one_long_step(bench):
    with bench.step("a long step"):
        bench.guest.run(["sleep", str(NEVER_S)], timeout_s=NEVER_S)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (many_short_steps, "the test (many_short_steps) did not end within 4 s"),
        (one_long_step, "step: a long step"),
    ],
)
def test_a_test_past_its_whole_time_is_a_finding(perform, scenario, words):
    outcome = perform(scenario, "tmpfs", scenario_timeout="4")
    assert outcome.record.status == "FAIL"
    assert words in outcome.only_finding("test-timeout").evidence[0].text
    assert "sysrq: Show Blocked State" in outcome.console
    assert outcome.record.duration_s < TIMEOUT_S
