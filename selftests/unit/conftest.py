"""Fixtures that several unit tests share."""

from pathlib import Path

import pytest
from ops_host import HostGuest, never

from vexfs_provider.guest.ops_program import get_ops_program
from vexfs_provider.ops.executor import Executor
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store


@pytest.fixture(scope="session")
def ops_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executor of operations, compiled for this session."""
    store = Store(tmp_path_factory.mktemp("store"))
    return get_ops_program(store=store, progress=Progress())[0]


@pytest.fixture
def executor(ops_program: Path, tmp_path: Path) -> Executor:
    """Runs lists in the test's folder on the host."""
    return Executor(HostGuest(ops_program), str(tmp_path), never)
