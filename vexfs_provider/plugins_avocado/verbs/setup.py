"""Make Avocado-VT find our tests (offline; run twice it changes nothing).

Prepares Avocado-VT's data directory where that has not been done, registers the provider and adds
our guest operating system to the stock ones. --remove undoes what was done.
"""

import argparse
import os
import sys
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--remove", action="store_true", help="undo what an earlier setup did")
    either.add_argument(
        "--data-dir",
        metavar="DIR",
        type=Path,
        help="Avocado's data directory for this installation (default: as Avocado is configured)",
    )


def run(args: argparse.Namespace) -> int:
    from vexfs_provider.runner import avocado_conf, registration

    conf = avocado_conf.conf_path(Path(sys.prefix), in_venv=sys.prefix != sys.base_prefix)
    if args.data_dir:
        _use_data_dir(conf, args.data_dir.expanduser().resolve())
    changes = registration.remove() if args.remove else registration.register()
    if args.remove and avocado_conf.data_dir_of(conf) == _active_data_dir():
        conf.unlink()
        changes.append(f"removed {conf}")
    for change in changes or ["nothing to do"]:
        print(change)
    if not args.remove and "avocado_vt.plugins.vt" not in sys.modules:
        print("Avocado-VT's complaint above, 'Bootstrap missing', is now settled", file=sys.stderr)
    return 0


def _use_data_dir(conf: Path, wanted: Path) -> None:
    """Point Avocado to ``wanted``, and start anew if it read something else at its start."""
    from vexfs_provider.errors import UsageError
    from vexfs_provider.runner import avocado_conf

    if avocado_conf.set_data_dir(conf, wanted):
        print(f"Avocado's data directory is now {wanted} ({conf})", flush=True)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    active = _active_data_dir()
    if active.resolve() != wanted:
        raise UsageError(
            f"--data-dir {wanted}: Avocado goes on using {active}, which a file read after {conf} "
            "sets; run 'avocado config' to see which, and remove datadir.paths.data_dir there"
        )


def _active_data_dir() -> Path:
    """What Avocado uses now, whichever file says so."""
    from avocado.core.settings import settings

    return Path(settings.as_dict()["datadir.paths.data_dir"])
