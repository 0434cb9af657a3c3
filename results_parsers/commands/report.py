"""Write a report of jobs, or without any a digest of the history, as an HTML page, a PDF or JSON.

With --compare it is one of the metrics, verdicts and findings of some jobs against those of others.

Exit code: 0, or 3 if a job could not be read (those that can be are in the report).
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results_parsers.commands.options import add_db, needs_numbers, read_or_say
from results_parsers.errors import UsageError
from results_parsers.history import open_history
from results_parsers.reports.html import render_comparison, render_digest, render_jobs
from results_parsers.reports.job_report import show_job
from results_parsers.reports.pdf import render_pdf
from results_parsers.reports.write import to_json, write_bytes, write_text
from results_parsers.summary import summary
from results_parsers.thresholds import find_thresholds

if TYPE_CHECKING:
    from results_parsers.reports.comparison import ShownJobsCompared
    from results_parsers.reports.digest import Digest


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("jobs", metavar="JOB", nargs="*", type=Path, help="as for ingest")
    parser.add_argument("--html", type=Path, metavar="FILE", help="one page, no network needed")
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="the same on paper")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same for programs")
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), help="B against the baseline A, as in compare"
    )
    parser.add_argument(
        "--thresholds", type=Path, metavar="FILE", help="of --compare: as in compare"
    )
    parser.add_argument("--title", default="Test report")
    parser.add_argument(
        "--nights", type=int, default=30, metavar="N", help="of a digest (default: 30)"
    )
    parser.add_argument(
        "--recent", type=int, default=1, metavar="N", help="jobs that it judges (default: 1)"
    )
    parser.add_argument(
        "--baseline", metavar="JOBS", help="what they are judged by (default: all before them)"
    )
    add_db(parser)


def run(options: argparse.Namespace) -> int:
    if not options.html and not options.json and not options.pdf:
        raise UsageError("nothing to write: give --html FILE, --pdf FILE or --json FILE")
    if options.compare:
        if options.jobs:
            raise UsageError("--compare takes jobs of the history; give it, or JOB, not both")
        return _comparison(options)
    if not options.jobs:
        return _digest(options)
    folder = (options.html or options.pdf or options.json).resolve().parent
    jobs, skipped = read_or_say(options.jobs)
    shown = [show_job(job, folder) for job in jobs]
    if options.html or options.pdf:
        words = "\n\n".join(summary(job) for job in jobs)
        _write_pages(options, render_jobs(shown, options.title), words)
    if options.json:
        write_text(options.json, to_json(shown))
        print(options.json)
    return 3 if skipped else 0


def _digest(options: argparse.Namespace) -> int:
    if options.nights < 1:
        raise UsageError(f"--nights = {options.nights}; a number above 0 is allowed")
    with needs_numbers():
        from results_parsers.reports.digest import make_digest
    with open_history(options.db) as history:
        digest = make_digest(
            history, nights=options.nights, recent=options.recent, baseline=options.baseline
        )
    return _write(options, digest, render_digest)


def _comparison(options: argparse.Namespace) -> int:
    with needs_numbers():
        from results_parsers.history.comparison import compare_jobs
        from results_parsers.reports.comparison import show_comparison
    thresholds = find_thresholds(options.thresholds)
    with open_history(options.db) as history:
        found = show_comparison(compare_jobs(history, *options.compare, thresholds=thresholds))
    return _write(options, found, render_comparison)


def _write(
    options: argparse.Namespace,
    found: "Digest | ShownJobsCompared",
    render: Callable[[Any, str], str],
) -> int:
    if options.html or options.pdf:
        _write_pages(options, render(found, options.title), found.in_words())
    if options.json:
        write_text(options.json, json.dumps(asdict(found), indent=1) + "\n")
        print(options.json)
    return 0


def _write_pages(options: argparse.Namespace, html: str, words: str) -> None:
    if options.html:
        write_text(options.html, html)
        print(options.html)
    if options.pdf:
        write_bytes(options.pdf, render_pdf(html, f"{options.title}\n\n{words}"))
        print(options.pdf)
