"""``avocado vexfs VERB``: parses the command line and hands over to the verb's own module."""

import argparse
import functools
import sys
from typing import Any

from avocado.core.plugin_interfaces import CLICmd

from vexfs_provider.errors import UsageError, VexfsError
from vexfs_provider.plugins_avocado.verbs import VERBS


class VexfsCommand(CLICmd):
    """Exit codes: 0 well, 1 findings, 2 wrong use, 3 infrastructure (see ``errors``)."""

    name = "vexfs"
    description = "Test Linux filesystems in fresh QEMU guests: setup, guests, modules"

    def configure(self, parser: Any) -> None:
        parser = super().configure(parser)
        # Avocado's own parsers end with 4 where the user is wrong, and with pages of help.
        parser.error = functools.partial(argparse.ArgumentParser.error, parser)
        verbs = parser.add_subparsers(
            dest="vexfs_verb", metavar="VERB", parser_class=argparse.ArgumentParser
        )
        for name, verb in VERBS.items():
            summary = (verb.__doc__ or "").partition("\n")[0]
            verb_parser = verbs.add_parser(
                name,
                help=summary,
                description=verb.__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            verb.configure(verb_parser)

    def run(self, config: dict[str, Any]) -> int:
        """Run the chosen verb; what it raises on purpose becomes one line and an exit code."""
        args = argparse.Namespace(**config)
        try:
            if args.vexfs_verb is None:
                raise UsageError(f"no VERB given; choose one of: {', '.join(VERBS)}")
            return VERBS[args.vexfs_verb].run(args)
        except VexfsError as error:
            print(f"avocado vexfs: error: {error}", file=sys.stderr)
            return error.exit_code
