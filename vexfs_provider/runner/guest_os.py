"""What setup adds to Avocado-VT's ``guest-os.cfg``, after a marker by which it is found again.

Our guest operating systems, beside the stock ones: Avocado-VT never reads a provider's own guest-os
folder, so ours is rendered with its own routine. Choosing one of them (``--vt-guest-os VexFS``) is
never necessary for our tests.

And the one parameter of our tests that depends on where this package is installed.
"""

import io
from pathlib import Path

from virttest import bootstrap

import vexfs_provider
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.paths import data_dir
from vexfs_provider.runner import vt_data
from vexfs_provider.store import write_atomically

MARKER = "# From here: written by 'avocado vexfs setup'.\n"


def path() -> Path:
    return vt_data.cfg_dir() / "guest-os.cfg"


def is_present() -> bool:
    """Whether the file holds our part as it should be now."""
    if not path().exists():
        return False
    _, marker, ours = path().read_text().partition(MARKER)
    return marker != "" and ours == _our_part()


def add() -> None:
    """Append our part to the file, in place of an older one."""
    if not path().exists():
        bootstrap.create_guest_os_cfg(vt_data.VT_TYPE)
    stock = path().read_text().partition(MARKER)[0]
    newline = "" if stock.endswith("\n") else "\n"
    write_atomically(path(), f"{stock}{newline}{MARKER}{_our_part()}")


def remove() -> None:
    """Leave the stock part only."""
    write_atomically(path(), path().read_text().partition(MARKER)[0])


def _our_part() -> str:
    hook = Path(vexfs_provider.__file__).parent / "plugins_avocado" / "test_pre_hook.py"
    return f"{_variants()}vexfs:\n    test_pre_hook = {hook}\n"


def _variants() -> str:
    text = io.StringIO()
    bootstrap.get_directory_structure(str(data_dir("shared") / "guest-os"), text, "Guest")
    header = ["variants:", "    - Guest:", "        variants:"]
    lines = text.getvalue().splitlines(keepends=True)
    if [line.rstrip() for line in lines[: len(header)]] != header:
        raise InfrastructureError(
            "this release of Avocado-VT renders guest-os.cfg in another way: it begins "
            f"{lines[:3]}, not {header}; install the release that this package requires"
        )
    # The stock file ends inside the same block, which our lines go on.
    return "".join(lines[len(header) :])
