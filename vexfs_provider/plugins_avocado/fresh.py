"""Before ``avocado list`` and ``avocado run``: our registration fresh, our options understood."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from avocado.core.plugin_interfaces import CLI

from vexfs_provider.errors import VexfsError

GUEST_PARAMS = ("mem", "smp")
"""Set by stock guest configurations, so our tests read them with the suffix of their guest."""


class FreshConfig(CLI):
    """Lets an edited ``tests/cfg`` take effect at once.

    It also lets ``--vt-extra-params mem=…`` and ``smp=…`` reach our guests: Avocado-VT's stock
    guest configuration sets both, whatever a test says, which is why our own Cartesian files set
    ``mem_guest`` and ``smp_guest``; those win over the plain names, including the user's.
    """

    name = "vexfs"
    description = "Keeps the VexFS tests in step with their Cartesian files"

    def configure(self, parser: Any) -> None:
        """No options of its own."""

    def run(self, config: dict[str, Any]) -> None:
        if config.get("subcommand") not in ("list", "run") or config.get("vt.type") != "qemu":
            return
        if shutil.which("aexpect_helper") is None:
            # Avocado-VT runs it by name, also where the virtual environment is not activated.
            os.environ["PATH"] += f"{os.pathsep}{Path(sys.executable).parent}"
        from vexfs_provider.runner import registration

        try:
            for change in registration.refresh():
                print(f"vexfs: {change}", file=sys.stderr)
        except VexfsError as error:
            print(f"vexfs: the list of tests may be old: {error}", file=sys.stderr)
        extra = config.get("vt.extra_params") or []
        config["vt.extra_params"] = extra + guest_params(extra)


def guest_params(extra_params: list[str]) -> list[str]:
    """The ``name_guest=value`` for each ``name=value`` that our tests read with that suffix."""
    pairs = [param.partition("=") for param in extra_params]
    return [f"{name}_guest={value}" for name, _, value in pairs if name in GUEST_PARAMS]
