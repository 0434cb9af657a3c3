"""What a nightly digest shows: what is new, what has changed, each test over the nights."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

from results_parsers.history.database import History
from results_parsers.history.findings import JudgedFinding, judge_findings
from results_parsers.history.ingest import SYNTHETIC
from results_parsers.history.log_templates import TemplateCount, count_templates
from results_parsers.history.series import Selection, jobs_before, read_series, select_jobs
from results_parsers.reports.heat_map import HeatMap, map_tests, map_titles
from results_parsers.reports.trend_plot import plot_svg
from results_parsers.trends.analysis import Trend, analyse
from results_parsers.trends.flakes import Flake
from results_parsers.trends.series import baseline_band
from results_parsers.trends.words import in_words

NIGHT_S = 86_400.0
MOST_PLOTS = 40
MOST_LINES = 40


@dataclass(frozen=True)
class ShownVerdict:
    """A finding, what is known of it, and of which ``tests``, each with its counts in words."""

    verdict: str
    title: str
    tests: tuple[tuple[str, str], ...]
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
    """The page; ``series`` is how many were looked at, ``more`` how many are not shown.

    ``tests`` and ``titles`` (of unexpected findings) are shown night by night; ``lines`` are
    templates of log lines that no earlier job had.
    """

    jobs: int
    synthetic: bool
    verdicts: tuple[ShownVerdict, ...]
    trends: tuple[ShownTrend, ...]
    more: int
    series: int
    tests: HeatMap
    titles: HeatMap
    lines: tuple[TemplateCount, ...]

    def in_words(self) -> str:
        """Its findings and metrics, where no page can be shown."""
        lines = [f"{self.jobs} jobs, {self.series} series of metrics", "", "Findings"]
        for one in self.verdicts:
            lines.append(f"{one.verdict}: {one.title}")
            lines += [f"  {test}: {words}" for test, words in one.tests]
        lines += ["", "New lines in logs"] if self.lines else []
        lines += [f"{one.lines} in {one.tests} tests: {one.text}" for one in self.lines]
        lines += ["", "Metrics"]
        for trend in self.trends:
            lines += [trend.name, *(f"  {words}" for words in trend.words)]
        return "\n".join(lines)


def make_digest(
    history: History, *, nights: int, recent: int, baseline: str | None = None
) -> Digest:
    """The digest of the last ``nights`` jobs, ``recent`` of them judged against the ``baseline``
    (``history.series.select_jobs``), which is all before if none is named.

    Raises ``ResultsError`` where a library is missing, ``UsageError`` for an empty history.
    """
    judged = judge_findings(history, recent=recent, baseline=baseline)
    known = select_jobs(history, baseline) if baseline else jobs_before(history, recent)
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
        verdicts=_show_verdicts(judged),
        trends=tuple(_show(one, start, known) for one in moving[:MOST_PLOTS]),
        more=max(0, len(moving) - MOST_PLOTS),
        series=len(trends),
        tests=map_tests(history, nights),
        titles=map_titles(history, nights),
        lines=_new_lines(history, recent),
    )


def _show_verdicts(judged: Sequence[JudgedFinding]) -> tuple[ShownVerdict, ...]:
    """The findings in their order, each once for all tests of which the same is known."""
    tests: dict[tuple[Flake, str], list[tuple[str, str]]] = {}
    for one in judged:
        words = str(one.verdict).partition(" ")[2]
        tests.setdefault((one.verdict.verdict, one.title), []).append((one.test, words))
    return tuple(
        ShownVerdict(verdict.value, title, tuple(found), verdict in (Flake.NEW, Flake.REGRESSION))
        for (verdict, title), found in tests.items()
    )


def _moves(trend: Trend, start: float) -> bool:
    return trend.drift is not None or any(change.time >= start for change in trend.changes)


def _worse(trend: Trend, start: float) -> bool:
    changed = any(not one.better and one.time >= start for one in trend.changes)
    return changed or trend.drifts_worse


def _show(trend: Trend, start: float, baseline: Selection) -> ShownTrend:
    first, *words = in_words(trend).splitlines()
    band = baseline_band(trend.series, frozenset(baseline.jobs), baseline.name)
    return ShownTrend(
        first, tuple(one.strip() for one in words), _worse(trend, start), plot_svg(trend, band)
    )


def _new_lines(history: History, recent: int) -> tuple[TemplateCount, ...]:
    found = (one for one in count_templates(history, recent=recent) if one.new)
    return tuple(itertools.islice(found, MOST_LINES))
