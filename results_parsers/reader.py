"""Reads jobs: one, many, moved, cut off, of old releases, or with nothing but a JUnit file left."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from results_parsers import avocado_json, job_folder, junit
from results_parsers.job import BadResults, JobResult, TestResult

JSON, JUNIT, TESTS = "results.json", "results.xml", "test-results"
LARGEST_BYTES = 1 << 30


@dataclass(frozen=True)
class Skipped:
    """A path that holds no job that can be read, and why."""

    path: Path
    why: str


def read_jobs(paths: Iterable[Path]) -> Iterator[JobResult | Skipped]:
    """Every job in or below the paths, each once; what cannot be read is named."""
    seen: set[Path] = set()
    for path in paths:
        empty = True
        for place in find_jobs(path):
            empty = False
            if place.resolve() in seen:
                continue
            seen.add(place.resolve())
            try:
                yield read_job(place)
            except BadResults as error:
                yield Skipped(place, str(error))
        if empty:
            yield Skipped(path, f"{path}: {'no job below it' if path.exists() else 'not there'}")


def find_jobs(path: Path) -> Iterator[Path]:
    """The folders of jobs at or below a path; a file is taken for the results of one."""
    if path.is_file() or is_job(path):
        yield path
    elif path.is_dir():
        for below in sorted(path.iterdir()):
            # Avocado's "latest" is a link to a job that is there under its own name.
            if below.is_dir() and not below.is_symlink():
                yield from find_jobs(below)


def is_job(path: Path) -> bool:
    """Whether a folder is that of a job."""
    return any((path / name).exists() for name in (JSON, JUNIT, TESTS))


def read_job(path: Path) -> JobResult:
    """The job in a folder, or that of a ``results.json`` or a JUnit file (``.xml``).

    Of a folder without results, or with results that are cut off, what is there is read, and
    said in ``problems``. Raises ``BadResults``.
    """
    if path.suffix == ".xml":
        return _from_junit(path, path.parent)
    file = path / JSON if path.is_dir() else path
    folder = file.parent.resolve()
    problem = ""
    try:
        text = _read(file)
        document = avocado_json.parse(text)
    except FileNotFoundError:
        problem = f"{file}: not there"
    except OSError as error:
        problem = f"{file}: {error.strerror}"
    except BadResults as error:
        problem = f"{file}: {error}"
    if problem:
        if not path.is_dir():
            raise BadResults(problem)
        return _from_rest(folder, problem)
    tests, problems = document.tests, list(document.problems)
    if document.cut:
        problems.append(f"{file}: cut off; {len(tests)} tests are whole")
        tests += _missing(folder, tests, problems)
    started = document.started or job_folder.started(folder.name)
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    done = not document.cut
    return JobResult(folder, document.job_id, tests, started, done, tuple(problems), digest)


def _from_rest(folder: Path, problem: str) -> JobResult:
    """The job of a folder whose ``results.json`` is of no use."""
    try:
        return _from_junit(folder / JUNIT, folder, (problem,))
    except BadResults:
        problems = [problem]
        tests = tuple(job_folder.read_tests(folder, problems))
        if not tests:
            raise BadResults(problem) from None
    problems.append(f"{folder}: {len(tests)} tests are known by their folders only")
    return _partial(folder, folder.name, job_folder.started(folder.name), tests, problems)


def _from_junit(file: Path, folder: Path, problems: tuple[str, ...] = ()) -> JobResult:
    try:
        name, written, tests = junit.parse(file)
    except OSError as error:
        raise BadResults(f"{file}: {error.strerror}") from error
    except BadResults as error:
        raise BadResults(f"{file}: {error}") from error
    found: list[str] = [*problems, f"{file}: a JUnit file has no records"]
    left = {test.name: test for test in job_folder.read_tests(folder, found)}
    tests = tuple(_joined(test, left.get(test.name)) for test in tests)
    return _partial(folder.resolve(), name, job_folder.started(name) or written, tests, found)


def _joined(test: TestResult, left: TestResult | None) -> TestResult:
    """What JUnit says of a test, with what the test has left in its folder."""
    if left is None:
        return test
    return replace(test, record=left.record, whiteboard=left.whiteboard, logdir=left.logdir)


def _partial(
    folder: Path,
    name: str,
    started: float | None,
    tests: tuple[TestResult, ...],
    problems: list[str],
) -> JobResult:
    known = "\n".join(f"{test.name} {test.status} {test.seconds}" for test in tests)
    digest = hashlib.sha256(f"{name}\n{started}\n{known}".encode()).hexdigest()
    job_id = job_folder.job_id(folder) or job_folder.short_id(name) or digest
    return JobResult(folder, job_id, tests, started, False, tuple(problems), digest)


def _missing(
    folder: Path, tests: tuple[TestResult, ...], problems: list[str]
) -> tuple[TestResult, ...]:
    """The tests of a job's folder beside those that are known."""
    known = {Path(test.logdir).name for test in tests}
    left = job_folder.read_tests(folder, problems)
    return tuple(test for test in left if Path(test.logdir).name not in known)


def _read(file: Path) -> str:
    if file.stat().st_size > LARGEST_BYTES:
        raise BadResults(f"larger than {LARGEST_BYTES >> 20} MiB")
    return file.read_text(errors="surrogateescape")
