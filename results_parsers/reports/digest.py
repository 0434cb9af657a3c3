"""What a nightly digest shows: what is new, what has changed, each test over the nights."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from results_parsers.history.database import History
from results_parsers.history.findings import judge_findings
from results_parsers.history.ingest import SYNTHETIC
from results_parsers.history.series import read_series
from results_parsers.reports.trend_plot import plot_svg
from results_parsers.trends.analysis import Trend, analyse
from results_parsers.trends.flakes import Flake

NIGHT_S = 86_400.0
MOST_PLOTS = 40


@dataclass(frozen=True)
class Cell:
    """A test in one job: its status, empty where it did not run."""

    status: str
    title: str


@dataclass(frozen=True)
class HeatMap:
    """Tests by jobs, the latest first; ``days`` are the jobs' names for people."""

    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class ShownVerdict:
    """A finding of a test and what is known of it."""

    verdict: str
    words: str
    test: str
    title: str
    bad: bool


@dataclass(frozen=True)
class ShownTrend:
    """A metric that changes or drifts, in words and as a plot."""

    name: str
    words: tuple[str, ...]
    worse: bool
    svg: str


@dataclass(frozen=True)
class Digest:
    """The page; ``series`` is how many were looked at, ``more`` how many are not shown."""

    jobs: int
    synthetic: bool
    verdicts: tuple[ShownVerdict, ...]
    trends: tuple[ShownTrend, ...]
    more: int
    series: int
    heat: HeatMap

    def in_words(self) -> str:
        """Its findings and metrics, where no page can be shown."""
        lines = [f"{self.jobs} jobs, {self.series} series of metrics", "", "Findings"]
        lines += [f"{one.verdict} {one.words}: {one.test}: {one.title}" for one in self.verdicts]
        lines += ["", "Metrics"]
        for trend in self.trends:
            lines += [trend.name, *(f"  {words}" for words in trend.words)]
        return "\n".join(lines)


def make_digest(history: History, *, nights: int, recent: int) -> Digest:
    """The digest of the last ``nights`` jobs, ``recent`` of them judged against all before.

    Raises ``ResultsError`` where a library is missing, ``UsageError`` for an empty history.
    """
    judged = judge_findings(history, recent=recent)
    trends = analyse(read_series(history))
    start = time.time() - nights * NIGHT_S
    moving = [one for one in trends if _moves(one, start)]
    moving.sort(key=lambda one: not _worse(one, start))
    [jobs] = history.connection.execute("SELECT count(*) FROM jobs").fetchone()
    tagged = "SELECT count(*) FROM tags WHERE tag = ?"
    [synthetic] = history.connection.execute(tagged, (SYNTHETIC,)).fetchone()
    return Digest(
        jobs=jobs,
        synthetic=bool(synthetic),
        verdicts=tuple(
            ShownVerdict(
                one.verdict.verdict.value,
                str(one.verdict).partition(" ")[2],
                one.test,
                one.title,
                one.verdict.verdict in (Flake.NEW, Flake.REGRESSION),
            )
            for one in judged
        ),
        trends=tuple(_show(one, start) for one in moving[:MOST_PLOTS]),
        more=max(0, len(moving) - MOST_PLOTS),
        series=len(trends),
        heat=_heat_map(history, nights),
    )


def _moves(trend: Trend, start: float) -> bool:
    return trend.drift is not None or any(change.time >= start for change in trend.changes)


def _worse(trend: Trend, start: float) -> bool:
    changed = any(not one.better and one.time >= start for one in trend.changes)
    return changed or trend.drifts_worse


def _show(trend: Trend, start: float) -> ShownTrend:
    from results_parsers.commands.trends import in_words

    first, *words = in_words(trend).splitlines()
    return ShownTrend(
        first, tuple(one.strip() for one in words), _worse(trend, start), plot_svg(trend)
    )


def _heat_map(history: History, nights: int) -> HeatMap:
    query = "SELECT id, started FROM jobs ORDER BY started DESC, id DESC LIMIT ?"
    jobs = history.connection.execute(query, (nights,)).fetchall()
    found: dict[str, dict[int, str]] = {}
    for job in jobs:
        rows = history.connection.execute(
            "SELECT name, status FROM tests WHERE job = ?", (job["id"],)
        )
        for row in rows:
            found.setdefault(row["name"], {})[job["id"]] = row["status"]
    days = tuple(_day(job["started"]) for job in jobs)
    numbers = [job["id"] for job in jobs]
    return HeatMap(
        days, tuple((name, _cells(found[name], numbers, days)) for name in sorted(found))
    )


def _cells(statuses: dict[int, str], jobs: Sequence[int], days: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(
        Cell(statuses.get(job, ""), f"{day}: {statuses.get(job, 'not run')}")
        for job, day in zip(jobs, days, strict=True)
    )


def _day(started: float | None) -> str:
    return "?" if started is None else str(date.fromtimestamp(started))
