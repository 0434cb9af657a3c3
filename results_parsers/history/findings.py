"""Which findings are new, more frequent, flaky or fixed, from the history."""

from collections import Counter
from dataclasses import dataclass

from results_parsers.errors import UsageError
from results_parsers.history.database import History
from results_parsers.history.series import count_findings, count_runs, jobs_before, select_jobs
from results_parsers.trends.flakes import Flake, FlakeVerdict, Runs, judge

_ORDER = tuple(Flake)


@dataclass(frozen=True)
class JudgedFinding:
    """A finding of a test, and what its runs say."""

    test: str
    title: str
    verdict: FlakeVerdict


def judge_findings(
    history: History, *, recent: int, baseline: str | None = None
) -> list[JudgedFinding]:
    """Of the last ``recent`` jobs and those of the ``baseline`` (all before, if none is named).

    Worst first. Raises ``UsageError`` for a baseline that names no jobs.
    """
    if recent < 1:
        raise UsageError(f"--recent = {recent}; a number above 0 is allowed")
    latest = select_jobs(history, f"last:{recent}").jobs
    known = jobs_before(history, recent) if baseline is None else select_jobs(history, baseline)
    before = [job for job in known.jobs if job not in latest]
    now, then = count_findings(history, latest), count_findings(history, before)
    runs_now, runs_then = count_runs(history, latest), count_runs(history, before)
    judged = []
    for test, title in sorted(now.keys() | then.keys()):
        hits = [found[test, title].hits if (test, title) in found else 0 for found in (then, now)]
        old, new = Runs(hits[0], runs_then.get(test, 0)), Runs(hits[1], runs_now.get(test, 0))
        if new.runs:
            judged.append(JudgedFinding(test, title, judge(old, new)))
    return sorted(judged, key=lambda one: _ORDER.index(one.verdict.verdict))


def count_verdicts(history: History, recent: int) -> dict[str, int]:
    """How many findings of the last jobs are new, regressions and so on; none is said as well."""
    counts = Counter(one.verdict.verdict for one in judge_findings(history, recent=recent))
    return {verdict.value: counts[verdict] for verdict in Flake}
