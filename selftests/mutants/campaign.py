"""All mutants hunted, two at a time; what an earlier run has found out is not done again.

Each result is a line of a journal as soon as it is there, under a key of all that it depends on.
"""

import contextlib
import inspect
import json
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mutants import MUTANTS, SOURCE
from mutants.kernel import FILESYSTEM as MODULE
from mutants.kernel import MODULE_SOURCE
from mutants.levels import LEVELS, Result, applies, check, hunt
from mutants.subjects import Subject
from vexfs_provider.isolation.orphans import Interrupted, end_with_parent
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import content_key

PACKAGE = Path(inspect.getfile(Progress)).parent
WORKERS = 2


@dataclass(frozen=True)
class Task:
    """A subject to be hunted at a level; of a control one scenario of the level, to its end."""

    subject: Subject
    level: str
    scenario: str = ""

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.subject.name, self.level, self.scenario)))

    def work(self) -> Result:
        """Do it; called in a process of its own."""
        if self.scenario:
            return check(self.subject, self.level, self.scenario)
        return hunt(self.subject, self.level)

    @property
    def key(self) -> str:
        """What the result depends on: the bug, the filesystem around it, and the tests."""
        return content_key(self.name, _source_of(self.subject), _digest_of_tests(self.level))


def _source_of(subject: Subject) -> str:
    if subject.filesystem == MODULE:
        return _digest(MODULE_SOURCE.iterdir())
    bug = inspect.getsource(MUTANTS[subject.mutant.name]) if subject.mutant else ""
    return content_key(bug, _digest((SOURCE / "mutantfs").glob("*.py")))


@cache
def _digest_of_tests(level: str) -> str:
    folders = [data_dir("deps") / "guest", PACKAGE / "scenarios"]
    if level != "level1":
        folders += [data_dir("deps") / "ops", PACKAGE / "ops"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    counting = [path for path in files if "__pycache__" not in path.parts]
    if level == "level1":
        counting = [path for path in counting if "differential" not in path.name]
    return _digest(counting)


def _digest(paths: Iterable[Path]) -> str:
    files = sorted(path for path in paths if path.is_file())
    return content_key(*(part for path in files for part in (path.name, path)))


class Journal:
    """Results by the keys of their tasks, in a file with one JSON object a line."""

    def __init__(self, path: Path):
        self._path = path
        self._results: dict[str, Result] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                with contextlib.suppress(ValueError):  # of a run that was killed while it wrote
                    entry = json.loads(line)
                    key = entry.pop("key")
                    self._results[key] = Result(**entry)

    def find(self, task: Task) -> Result | None:
        return self._results.get(task.key)

    def add(self, task: Task, result: Result) -> None:
        """Keep a result, unless it is an error, which is no result."""
        if result.status == "error":
            return
        self._results[task.key] = result
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path, "a") as file:
            # The line's own start, too: what a killed run has left of its last one has no end.
            file.write("\n" + json.dumps({"key": task.key, **asdict(result)}) + "\n")


def _work(task: Task) -> Result:
    try:
        return task.work()
    except Interrupted:  # its guest has been ended; the pool would go on with the next task
        os._exit(128 + signal.SIGTERM)


@contextlib.contextmanager
def process_pool() -> Iterator[Executor]:
    """Workers for ``run_all``; processes of their own, not forked: what runs guests has threads.

    They end with us: at once when this is left by an exception, and when we are killed.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, context, initializer=end_with_parent) as workers:
        try:
            yield workers
        except BaseException:
            workers.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()  # SIGTERM: it ends its guest first
            raise


def run_all(
    subjects: Sequence[Subject],
    controls: Sequence[Subject],
    workers: Executor,
    journal: Journal,
    progress: Progress,
) -> list[Result]:
    """Controls at all levels, mutants at each level as long as they survive."""
    results = []
    left = list(subjects)
    for level, scenarios in LEVELS.items():
        tasks = [Task(c, level, s) for c in controls for s in scenarios if applies(s, c)]
        tasks += [Task(subject, level) for subject in left]
        found = list(_run(tasks, workers, journal, progress))
        results += found
        killed = {result.subject for result in found if result.status == "killed"}
        left = [subject for subject in left if subject.name not in killed]
    return results


def _run(
    tasks: Sequence[Task], workers: Executor, journal: Journal, progress: Progress
) -> Iterator[Result]:
    waiting = {}
    for task in tasks:
        known = journal.find(task)
        if known is None:
            waiting[workers.submit(_work, task)] = task
        else:
            yield known
    for number, future in enumerate(as_completed(waiting), 1):
        result, task = future.result(), waiting[future]
        journal.add(task, result)
        progress.say(f"{number} of {len(waiting)}: {task.name}: {described(result)}")
        yield result


def described(result: Result) -> str:
    """One line about a result for people."""
    where = f" by {result.scenario}: {result.title}" if result.title else ""
    return f"{result.status}{where} ({result.seconds:.0f} s)"
