"""Avocado in a home of its own, and the executor of operations on the host."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from vexfs_provider.guest.ops_program import get_ops_program
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

settings.register_profile("untimed", deadline=None)  # a busy machine fails no test
settings.load_profile("untimed")


class AvocadoHome:
    """Runs Avocado with configuration, data and results below one folder."""

    def __init__(self, home: Path):
        self.home = home
        self.work = home / "work"  # references such as "vexfs" are also taken for files in here
        self.work.mkdir(parents=True)
        self.data = home / "data"
        self.data.mkdir()
        self.vt = self.data / "avocado-vt"
        # The user's own file is read last and so wins over the one in the virtual environment.
        conf = home / ".config" / "avocado" / "avocado.conf"
        conf.parent.mkdir(parents=True)
        conf.write_text(f"[datadir.paths]\ndata_dir = {self.data}\n")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python; standard output and error are kept apart."""
        environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
        environment |= {"HOME": str(self.home), "XDG_CACHE_HOME": str(self.home / "cache")}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.work,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def avocado(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "avocado", *arguments)

    def tests(self, *arguments: str) -> list[str]:
        """The names that ``avocado list`` prints, without its own prefix."""
        done = self.avocado("list", "--vt-type", "qemu", *arguments)
        assert done.returncode == 0, done.stderr
        names = [
            line.split()[1] for line in done.stdout.splitlines() if line.startswith("avocado-vt")
        ]
        return [name.removeprefix("type_specific.") for name in names]

    def json(self, script: str, *arguments: str) -> Any:
        """What a script prints as JSON."""
        done = self.python("-c", script, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def avocado_home(tmp_path: Path) -> AvocadoHome:
    return AvocadoHome(tmp_path / "home")


@pytest.fixture(scope="session")
def registered_home(tmp_path_factory: pytest.TempPathFactory) -> AvocadoHome:
    """A home where setup has been run; tests leave it as it is."""
    home = AvocadoHome(tmp_path_factory.mktemp("registered") / "home")
    done = home.avocado("vexfs", "setup")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def ops_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executor of operations, compiled for this session."""
    store = Store(tmp_path_factory.mktemp("store"))
    return get_ops_program(store=store, progress=Progress())[0]
