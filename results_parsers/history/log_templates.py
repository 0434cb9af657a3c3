"""The templates of log lines in the history: how often each came, job by job."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from results_parsers.history.database import History
from results_parsers.history.series import number_list, select_jobs
from results_parsers.logs.miner import Counts, Miner, Template

LOGS = ("console.log", "qemu.log")
LARGEST_BYTES = 16 << 20  # of a log; what is after that is not read


@dataclass(frozen=True)
class Mined:
    """What became of the jobs whose logs had not been read."""

    jobs: int
    lines: int
    without_logs: int


@dataclass(frozen=True)
class TemplateCount:
    """A template in the last jobs: how many lines and tests, and whether no job had it before."""

    text: str
    example: str
    lines: int
    tests: int
    new: bool


def mine_jobs(history: History) -> Mined:
    """Read the logs of all jobs whose logs were not read yet, as far as their folders are there.

    A job whose folder is gone counts as one without logs, and is looked for again the next time.
    Raises ``ResultsError`` without drain3.
    """
    query = """SELECT id, folder FROM jobs WHERE id NOT IN (SELECT job FROM mined)
               ORDER BY started, id"""
    mined, lines, missing = 0, 0, 0
    Miner()  # what is missing is said before anything is done
    for job, folder in history.connection.execute(query).fetchall():
        tests = _read_logs(Path(folder))
        if not tests:
            missing += 1
            continue
        mined += 1
        lines += _mine(history, job, tests)
    return Mined(mined, lines, missing)


def _mine(history: History, job: int, tests: Sequence[Sequence[Path]]) -> int:
    """Count a job's lines; the number of them. Another process may have learnt meanwhile."""
    with history.transaction() as connection:
        [gone] = connection.execute("SELECT count(*) FROM mined WHERE job = ?", (job,)).fetchone()
        if gone:
            return 0
        rows = connection.execute("SELECT id, text, example FROM templates")
        counts = Miner(Template(*row) for row in rows).count(_lines(test) for test in tests)
        total = counts.lines.total() + counts.unmatched
        connection.executemany(
            """INSERT INTO templates (id, text, example) VALUES (?, ?, ?)
               ON CONFLICT (id) DO UPDATE SET text = excluded.text""",
            [(one.id, one.text, one.example) for one in counts.changed.values()],
        )
        connection.executemany(
            "INSERT INTO template_counts (job, template, lines, tests) VALUES (?, ?, ?, ?)",
            [(job, *row) for row in _rows(counts)],
        )
        row = (job, total, counts.unmatched)
        connection.execute("INSERT INTO mined (job, lines, unmatched) VALUES (?, ?, ?)", row)
    return total


def _rows(counts: Counts) -> Iterator[tuple[int, int, int]]:
    for template, lines in counts.lines.items():
        yield template, lines, counts.tests[template]


def _read_logs(folder: Path) -> list[list[Path]]:
    """The logs of a job by its tests; those of a second guest lie in a folder below."""
    found = []
    results = folder / "test-results"
    for test in sorted(results.iterdir()) if results.is_dir() else ():
        if test.is_symlink() or not test.is_dir() or test.name == "by-status":
            continue
        logs = [log for name in LOGS for log in (*test.glob(name), *test.glob(f"guest-*/{name}"))]
        if logs:
            found.append(sorted(logs))
    return found


def _lines(logs: Sequence[Path]) -> Iterator[str]:
    for log in logs:
        with log.open("rb") as file:
            yield from file.read(LARGEST_BYTES).decode(errors="replace").splitlines()


def count_templates(history: History, *, recent: int) -> list[TemplateCount]:
    """The templates of the last ``recent`` jobs, new ones first, then the frequent ones.

    None is new where no earlier job's logs were read. Raises ``UsageError`` for a number below 1.
    """
    latest = number_list(select_jobs(history, f"last:{recent}").jobs)
    rows = history.connection.execute(
        f"""SELECT text, example, sum(lines), sum(tests),
                EXISTS (SELECT 1 FROM mined WHERE job NOT IN ({latest}))
                AND NOT EXISTS (SELECT 1 FROM template_counts AS earlier
                    WHERE earlier.template = templates.id AND earlier.job NOT IN ({latest})) AS new
            FROM template_counts JOIN templates ON templates.id = template_counts.template
            WHERE job IN ({latest}) GROUP BY templates.id
            ORDER BY new DESC, sum(lines) DESC, text"""
    )
    return [
        TemplateCount(text, example, lines, tests, new=bool(new))
        for text, example, lines, tests, new in rows
    ]


def count_new_templates(history: History, *, recent: int) -> dict[str, int]:
    """How many templates of the last jobs are new, and how many are known; empty if none of their
    logs were read.
    """
    found = count_templates(history, recent=recent)
    if not found:
        return {}
    new = sum(one.new for one in found)
    return {"new": new, "known": len(found) - new}


@dataclass(frozen=True)
class NightOfLogs:
    """A job's logs: its beginning (seconds since 1970), lines, templates, and those without one."""

    job_id: str
    started: float | None
    lines: int
    templates: int
    unmatched: int


def count_nights(history: History, limit: int) -> list[NightOfLogs]:
    """The last jobs whose logs were read, the latest first."""
    rows = history.connection.execute(
        """SELECT job_id, started, mined.lines, count(template), unmatched FROM mined
           JOIN jobs ON jobs.id = mined.job LEFT JOIN template_counts USING (job)
           GROUP BY jobs.id ORDER BY started DESC, jobs.id DESC LIMIT ?""",
        (limit,),
    )
    return [NightOfLogs(*row) for row in rows]
