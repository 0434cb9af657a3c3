"""Makes of a variant that runs xfstests as many tests as its parameters choose of the tree."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from avocado.core.extension_manager import PluginPriority
from avocado.core.nrunner.runnable import Runnable
from avocado.core.plugin_interfaces import Resolver
from avocado.core.resolver import ReferenceResolution, ReferenceResolutionResult

from vexfs_provider.errors import VexfsError

PROVIDER = "vexfs"
SCENARIO = "xfstests"


class XfstestsResolver(Resolver):
    """Resolves references to our tests as Avocado-VT does, and before it.

    All others are left to Avocado-VT.
    """

    name = "vexfs"
    description = "Resolves tests of VexFS; one for each chosen test of an xfstests tree"
    priority = PluginPriority.HIGH

    def __init__(self, config: dict[str, Any] | None = None):
        self._config = config or {}

    def resolve(self, reference: str) -> ReferenceResolution:
        """The tests that the reference names. The tree is read only if a parameter names one."""
        if PROVIDER not in reference.split(".") or self._config.get("vt.type") != "qemu":
            return ReferenceResolution(reference, ReferenceResolutionResult.NOTFOUND)
        from avocado_vt.plugins.vt_resolver import VTResolver

        found = VTResolver(self._config).resolve(reference)
        found.resolutions = [each for one in found.resolutions for each in expanded(one)]
        return found


def expanded(runnable: Runnable) -> Iterator[Runnable]:
    """The runnable, or one for each of the tests that it chooses.

    One with a wrong parameter stays as it is: its test then says what is wrong.
    """
    try:
        tests = _chosen(runnable.kwargs)
    except VexfsError:
        tests = []
    for test in tests:
        values = {**runnable.kwargs, "xfstests_tests": test}
        name = f"{runnable.uri}.{test.replace('/', '_')}"
        yield Runnable(runnable.kind, name, config=runnable.config, **values)
    if not tests:
        yield runnable


def _chosen(params: Mapping[str, str]) -> list[str]:
    if params.get("type") != SCENARIO or not params.get("xfstests_dir", "").strip():
        return []
    from vexfs_provider.filesystems.catalogue import get_profile
    from vexfs_provider.params import read_arguments
    from vexfs_provider.scenarios import xfstests
    from vexfs_provider.settings import load_settings

    profile = get_profile(params["filesystem"], load_settings().profile_folders)
    values = read_arguments(xfstests.run, params)
    return xfstests.chosen_tests(
        Path(values["xfstests_dir"]), profile, values["xfstests_group"], values["xfstests_tests"]
    )
