"""The Avocado configuration that belongs to this installation.

Avocado reads ``<venv>/etc/avocado/`` only while the virtual environment is activated
(``VIRTUAL_ENV`` is set). This plugin names our file there in any case, so that the environment's
``bin/avocado`` finds the same data directory however it is started.
"""

import sys
from pathlib import Path

from avocado.core.plugin_interfaces import Settings

from vexfs_provider.runner.avocado_conf import conf_path


class VexfsSettings(Settings):
    """Adds our configuration file after the system's; the user's own still wins over it."""

    name = "vexfs"
    description = "Configuration written by 'avocado vexfs setup'"

    def adjust_settings_paths(self, paths: list[str]) -> None:
        ours = conf_path(Path(sys.prefix), in_venv=sys.prefix != sys.base_prefix)
        if str(ours) not in paths:
            paths.append(str(ours))
