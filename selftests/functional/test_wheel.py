"""The installed wheel, in a virtual environment of its own, does what the checkout does."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import vexfs_provider

ROOT = Path(vexfs_provider.__file__).parents[1]
MOUNT_CYCLES = [f"vexfs.level2.mount_cycle.on_{name}" for name in ("vexfs", "ext4", "xfs", "btrfs")]

pytestmark = pytest.mark.skipif(not (ROOT / "setup.py").is_file(), reason="needs a checkout")


class Installed:
    """A virtual environment that holds our wheel and borrows this environment's other packages."""

    def __init__(self, folder: Path, wheel: Path):
        self.home = folder / "home"
        self.home.mkdir()
        venv.create(folder / "venv", symlinks=True, with_pip=False)
        self.bin = folder / "venv" / "bin"
        paths = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
        self.site = Path(sysconfig.get_path("purelib", "venv", paths))
        run("-m", "pip", "install", "--quiet", "--no-deps", "--target", self.site, wheel)
        # Behind ours, and without this environment's own .pth files, which name the checkout.
        (self.site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")

    def avocado(self, *arguments):
        environment = {
            k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")
        }
        return subprocess.run(
            [self.bin / "python", "-m", "avocado", *arguments],
            cwd=self.home,
            env=environment | {"HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def run(*arguments):
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    run(*build, "--wheel-dir", folder, ROOT)
    [wheel] = folder.glob("vexfs_provider-*.whl")
    return Installed(folder, wheel)


def test_setup_list_and_remove(installed):
    data = installed.home / "avocado data"
    done = installed.avocado("vexfs", "setup", "--data-dir", str(data))
    assert done.returncode == 0, done.stderr
    assert "registered vexfs" in done.stdout
    conf = installed.bin.parent / "etc" / "avocado" / "conf.d" / "vexfs.conf"
    assert f"data_dir = {data}" in conf.read_text()

    source = (data / "avocado-vt/vexfs/registered/provider/tests/src").resolve()
    assert source == installed.site / "vexfs_provider" / "data" / "tests" / "src"

    done = installed.avocado("vexfs", "setup", "--data-dir", str(data))
    assert done.stdout == "nothing to do\n"

    done = installed.avocado("list", "--vt-type", "qemu", "vexfs.level2.mount_cycle")
    assert [line.split()[1].partition(".")[2] for line in done.stdout.splitlines()] == MOUNT_CYCLES

    done = installed.avocado("vexfs", "setup", "--remove")
    assert done.returncode == 0, done.stderr
    assert not conf.exists()
    assert not (data / "avocado-vt").exists()


def test_doctor_runs_from_the_wheel(installed):
    done = installed.avocado("vexfs", "doctor", "--json")
    assert '"name": "qemu-system-x86_64"' in done.stdout, done.stderr
