"""The small Avocado configuration file that ``avocado vexfs setup`` writes.

It holds the data directory only, and only if one was asked for: two installations that share
``~/avocado/data`` would otherwise overwrite each other's registration.
"""

import configparser
import io
from pathlib import Path

from vexfs_provider.store import write_atomically

SECTION, KEY = "datadir.paths", "data_dir"
HEADER = "# Written by 'avocado vexfs setup', removed by 'avocado vexfs setup --remove'.\n"


def conf_path(prefix: Path, *, in_venv: bool) -> Path:
    """Where our file lies: inside a virtual environment, else among the user's own settings."""
    if in_venv:
        return prefix / "etc" / "avocado" / "conf.d" / "vexfs.conf"
    return Path.home() / ".config" / "avocado" / "vexfs.conf"


def data_dir_of(conf: Path) -> Path | None:
    """The data directory that the file sets; None if there is no such file."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(conf)
    value = parser.get(SECTION, KEY, fallback=None)
    return Path(value) if value else None


def set_data_dir(conf: Path, data_dir: Path) -> bool:
    """Make the file set ``data_dir``; False if it did so already."""
    if data_dir_of(conf) == data_dir:
        return False
    parser = configparser.ConfigParser(interpolation=None)
    parser[SECTION] = {KEY: str(data_dir)}
    text = io.StringIO()
    parser.write(text)
    write_atomically(conf, HEADER + text.getvalue())
    return True
