"""The guest's shell console, for programs and for people."""

import subprocess
import sys

import pytest
from conftest import python_environment

from vexfs_provider.errors import DeadlineExpired, GuestDied
from vexfs_provider.guest.shell import ShellConsole

RELAY = """
import sys
from pathlib import Path
from vexfs_provider.guest.shell import relay_terminal
relay_terminal(Path(sys.argv[1]))
"""


def test_commands_have_their_status_and_output(start):
    with ShellConsole(start().guest.machine.shell_socket) as shell:
        done = shell.run("echo from the guest; uname -s", timeout_s=20)
        assert done.ok
        assert done.text.split() == ["from", "the", "guest", "Linux"]
        assert shell.run("false", timeout_s=20).status == 1


def test_a_command_that_hangs_is_given_up(start):
    shell = ShellConsole(start().guest.machine.shell_socket)
    with shell, pytest.raises(DeadlineExpired, match="sleep 600"):
        shell.run("sleep 600", timeout_s=0.5)


def test_the_end_of_the_guest_is_told(start):
    guest = start().guest
    with ShellConsole(guest.machine.shell_socket) as shell:
        guest.close()
        with pytest.raises(GuestDied):
            shell.run("true", timeout_s=20)


def test_the_shell_works_without_the_agent(start):
    guest = start().guest
    with ShellConsole(guest.machine.shell_socket) as shell:
        assert shell.run("pkill -9 -f agent.py", timeout_s=20).ok
        assert shell.run("echo still here", timeout_s=20).text == "still here"


def test_people_see_the_shell_and_leave_it(start):
    socket = start().guest.machine.shell_socket
    done = subprocess.run(
        [sys.executable, "-c", RELAY, socket],
        input=b"echo $((6 * 7))-is-here\nexit\n",
        stdout=subprocess.PIPE,
        env=python_environment(),
        timeout=60,
        check=True,
    )
    assert b"\n42-is-here" in done.stdout.replace(b"\r", b"")
