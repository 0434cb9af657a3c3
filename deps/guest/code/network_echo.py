"""Runs in the guest: a network card is put to use, and a server sends back what it gets.

What it sends back has been in a file, on the filesystem under test, in between.
"""

import contextlib
import os
import socket
import subprocess
import time

CARD_TIMEOUT_S = 20.0
SERVE_TIMEOUT_S = 60.0
SIZE = 1 << 16


def set_up(address, length):
    """Wait for the card that has been plugged, and give it an address; its name."""
    end = time.monotonic() + CARD_TIMEOUT_S
    while not (cards := [name for name in os.listdir("/sys/class/net") if name != "lo"]):
        if time.monotonic() > end:
            raise TimeoutError("no network card has come")
        time.sleep(0.01)
    run("ip", "addr", "add", f"{address}/{length}", "dev", cards[0])
    run("ip", "link", "set", cards[0], "up")
    return cards[0]


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def serve(port, path):
    """Have a process answer one connection; it listens when this returns."""
    server = socket.create_server(("", port))
    if os.fork() == 0:
        try:
            os.setsid()
            os.chdir("/")
            server.settimeout(SERVE_TIMEOUT_S)
            answer(server.accept()[0], path)
        finally:
            os._exit(0)


def answer(connection, path):
    """Take everything into a file, fsync it, and send the file back."""
    connection.settimeout(SERVE_TIMEOUT_S)
    with open(path, "xb") as file:
        while data := connection.recv(SIZE):
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with open(path, "rb") as file:
        connection.sendfile(file)
    connection.close()


def reaches(address, port, patience_s):
    """Whether a connection can be made."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), patience_s):
        return True
    return False
