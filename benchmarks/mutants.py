"""The mutation score: how many of the bugs that we plant are found, and how soon.

Takes most of an hour the first time; what was found out is kept in build/mutants.jsonl, so that it
goes on where it was interrupted. ``MUTANTS_FRESH=1`` in the environment starts anew.
"""

import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

from benchmarks.rows import Row
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "selftests"))  # where the mutants are known

from mutants import kernel  # noqa: E402 - found by the line above
from mutants.campaign import Journal, process_pool, run_all  # noqa: E402
from mutants.levels import LEVELS, Result  # noqa: E402
from mutants.subjects import CONTROLS, Subject, list_subjects  # noqa: E402

JOURNAL = ROOT / "build" / "mutants.jsonl"
KERNEL = "6.1"


def measure(progress: Progress) -> list[Row]:
    """The rows of this group. Prints who was found by what, and who by nothing."""
    if os.environ.get("MUTANTS_FRESH") == "1":
        JOURNAL.unlink(missing_ok=True)
    kernel.build(KERNEL, store=Store(), progress=progress)
    subjects = list_subjects()
    with _runtime_folder(), process_pool() as workers:
        results = run_all(subjects, CONTROLS, workers, Journal(JOURNAL), progress)
    print(report(subjects, results))
    errors = [result for result in results if result.status == "error"]
    if errors:
        names = ", ".join(f"{one.subject} ({one.title})" for one in errors)
        raise InfrastructureError(f"without a result, run it again: {names}")
    return rows(subjects, results)


@contextlib.contextmanager
def _runtime_folder() -> Iterator[None]:
    """A runtime folder for the workers, with a path short enough for the names of sockets."""
    with (
        tempfile.TemporaryDirectory(prefix="vexfs-", dir="/tmp") as folder,
        mock.patch.dict(os.environ, XDG_RUNTIME_DIR=folder),
    ):
        yield


def rows(subjects: Sequence[Subject], results: Sequence[Result]) -> list[Row]:
    """The figures; kill rates in percent of all mutants."""
    names = {subject.name for subject in subjects}
    kills = [one for one in results if one.status == "killed" and one.subject in names]
    first, *_ = LEVELS
    share = 100 / len(subjects)
    at_first = [one for one in kills if one.level == first]
    false = [one for one in results if one.status == "killed" and one.subject not in names]
    seconds = statistics.median(one.seconds for one in at_first) if at_first else 0.0
    return [
        Row("mutants_total", len(subjects), "mutants", at_least=40),
        Row("mutants_killed_level1_percent", share * len(at_first), "%", at_least=85),
        Row("mutants_killed_with_differential_percent", share * len(kills), "%", at_least=95),
        Row("mutants_false_kills", len(false), "findings", at_most=0),
        Row("mutants_seconds_to_kill", seconds, "s"),
    ]


def report(subjects: Sequence[Subject], results: Sequence[Result]) -> str:
    """For each level the number of kills and their seconds; false kills; survivors and why."""
    lines = []
    names = {subject.name for subject in subjects}
    for level in LEVELS:
        found = [one for one in results if one.level == level and one.subject in names]
        seconds = sorted(one.seconds for one in found if one.status == "killed")
        if seconds:
            median, longest = statistics.median(seconds), seconds[-1]
            times = f", {median:.0f} s in the median, {longest:.0f} s at most"
            lines.append(f"{level}: {len(seconds)} of {len(found)} killed{times}")
    for one in results:
        if one.status == "killed" and one.subject not in names:
            lines.append(f"false kill: {one.subject}: {one.scenario}: {one.title}")
    killed = {one.subject for one in results if one.status == "killed"}
    for subject in subjects:
        if subject.name not in killed and subject.mutant:
            why = subject.mutant.survives or "nobody knows why"
            lines.append(f"survives: {subject.name}: {subject.mutant.description} ({why})")
    return "\n".join(lines)
