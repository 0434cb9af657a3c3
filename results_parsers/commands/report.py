"""Write a report of jobs: an HTML page for people, JSON for programs.

Exit code: 0, or 3 if a job could not be read (those that can be are in the report).
"""

import argparse
from pathlib import Path

from results_parsers.commands.options import read_or_say
from results_parsers.errors import UsageError
from results_parsers.reports.html import render_jobs
from results_parsers.reports.job_report import show_job
from results_parsers.reports.write import to_json, write_text


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("jobs", metavar="JOB", nargs="+", type=Path, help="as for ingest")
    parser.add_argument("--html", type=Path, metavar="FILE", help="one page, no network needed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same for programs")
    parser.add_argument("--title", default="Test report")


def run(options: argparse.Namespace) -> int:
    if not options.html and not options.json:
        raise UsageError("nothing to write: give --html FILE or --json FILE, or both")
    folder = (options.html or options.json).resolve().parent
    jobs, skipped = read_or_say(options.jobs)
    shown = [show_job(job, folder) for job in jobs]
    if options.html:
        write_text(options.html, render_jobs(shown, options.title))
        print(options.html)
    if options.json:
        write_text(options.json, to_json(shown))
        print(options.json)
    return 3 if skipped else 0
