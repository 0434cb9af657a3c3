"""``vexfs-results VERB``: history, trends and reports of Avocado jobs.

Works where there is neither Avocado nor QEMU. Exit codes: 0 well, 1 findings or regressions, 2 for
a wrong use, 3 where something could not be read or done.
"""

import argparse
import os
import sys

from results_parsers.commands import VERBS
from results_parsers.errors import ResultsError


def main(arguments: list[str] | None = None) -> int:
    """Run the verb on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="vexfs-results",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, verb in VERBS.items():
        summary = (verb.__doc__ or "").partition("\n")[0]
        verb.configure(verbs.add_parser(name, help=summary, description=verb.__doc__))
    options = parser.parse_args(arguments)
    try:
        return VERBS[options.verb].run(options)
    except ResultsError as error:
        print(f"vexfs-results: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3


if __name__ == "__main__":
    sys.exit(main())
