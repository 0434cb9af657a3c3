"""Debian's Prometheus, Alertmanager and Pushgateway: fetched once, unpacked, never installed."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from vexfs_provider.deadline import Deadline
from vexfs_provider.guest.debian import fetch_debs
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

PACKAGES = ("prometheus", "prometheus-alertmanager", "prometheus-pushgateway")
START_TIMEOUT_S = 30.0
POLL_S = 0.05


def find_tools() -> Path:
    """The folder of the programs."""
    store, progress = Store(), Progress()

    def unpack(folder: Path) -> dict[str, str]:
        debs = fetch_debs(PACKAGES, folder / "debs", store=store, progress=progress)
        for deb in debs:
            run_tool(["dpkg-deb", "-x", deb.path, folder / "root"])
            deb.path.unlink()
        return {deb.name: deb.version for deb in debs}

    label = "Prometheus for the selftests"
    key = content_key(*PACKAGES)
    return store.get("selftests", key, unpack, progress=progress, label=label) / "root/usr/bin"


def with_its_files(tools: Path, command: Sequence[str | Path]) -> list[str | Path]:
    """A command that sees the packages' files below /usr/share: Debian's Alertmanager reads its
    templates there. Nothing of the host is changed: it has a mount namespace of its own.
    """
    share = tools.parent / "share"
    script = f'mount -t overlay overlay -o "lowerdir={share}:/usr/share" /usr/share && exec "$@"'
    privilege = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *privilege, "--mount", "sh", "-c", script, "sh", *command]


def free_port() -> int:
    """A port of the loopback interface that nobody uses at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def running(command: Sequence[str | Path], ready_url: str, log: Path) -> Iterator[None]:
    """A server until the end of the block; it has answered at ``ready_url`` when it begins."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent)
        try:
            deadline = Deadline(START_TIMEOUT_S, f"{command[0]} to answer")
            while not _answers(ready_url):
                assert process.poll() is None, log.read_text()
                deadline.check()
                time.sleep(POLL_S)
            yield
        finally:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
