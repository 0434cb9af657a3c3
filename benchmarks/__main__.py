"""``python -m benchmarks [GROUP...]``: measure the groups named, by default all short ones."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    detect,
    guest,
    image,
    job,
    monitor,
    mutants,
    ops,
    reduction,
    results,
    spread,
)
from benchmarks.rows import Row, save, table
from vexfs_provider.errors import VexfsError
from vexfs_provider.isolation.orphans import end_on_sigterm
from vexfs_provider.progress import Progress

GROUPS: dict[str, Callable[[Progress], list[Row]]] = {
    "guest": guest.measure,
    "job": job.measure,
    "level1": job.measure_level1,
    "image": image.measure,
    "detect": detect.measure,
    "ops": ops.measure,
    "reduction": reduction.measure,
    "monitor": monitor.measure,
    "spread": spread.measure,
    "results": results.measure,
    "mutants": mutants.measure,
}
LONG = ("mutants",)
"""Groups that are measured only if named."""

RESULTS = Path(__file__).resolve().parent.parent / "build" / "bench.json"


def main(arguments: list[str]) -> int:
    """Exit code 0; that of the error (see ``vexfs_provider.errors``) if a group cannot run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", metavar="GROUP", nargs="*", help=", ".join(GROUPS))
    default = [name for name in GROUPS if name not in LONG]
    chosen = parser.parse_args(arguments).groups or default
    for name in chosen:
        if name not in GROUPS:
            parser.error(f"GROUP = {name!r}; allowed: {', '.join(GROUPS)}")
    end_on_sigterm()
    progress = Progress()
    rows: list[Row] = []
    code = 0
    for name in chosen:
        try:
            measured = GROUPS[name](progress)
            save(measured, RESULTS)
        except VexfsError as error:
            progress.say(f"benchmark {name}: {error}")
            code = max(code, error.exit_code)
            continue
        rows += measured
    if rows:
        print(table(rows))
        print(f"written to {RESULTS}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
