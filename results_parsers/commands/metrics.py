"""Tell Prometheus of jobs: a text file for node-exporter's collector, or a Pushgateway.

Exit code 3 if a job could not be read, or the gateway not be reached.
"""

import argparse
from pathlib import Path

from results_parsers.commands.options import needs_numbers, read_or_say
from results_parsers.errors import UsageError
from results_parsers.history import open_history
from results_parsers.history.log_templates import count_new_templates
from results_parsers.metrics.families import register
from results_parsers.metrics.publish import check_gateway, check_textfile, push, write_textfile

TIMEOUT_S = 30.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("jobs", metavar="JOB", nargs="+", type=Path, help="as for ingest")
    parser.add_argument("--textfile", type=Path, metavar="FILE", help="ends with .prom")
    parser.add_argument(
        "--db", type=Path, metavar="FILE", help="a history that judges the findings as well"
    )
    parser.add_argument(
        "--recent", type=int, default=1, metavar="N", help="its last N jobs (default: 1)"
    )
    parser.add_argument("--push", metavar="URL", help="a Pushgateway, as http://127.0.0.1:9091")


def run(options: argparse.Namespace) -> int:
    if not options.textfile and not options.push:
        raise UsageError("nowhere to tell it: give --textfile FILE or --push URL, or both")
    if options.textfile:
        check_textfile(options.textfile)
    if options.push:
        check_gateway(options.push)
    jobs, skipped = read_or_say(options.jobs)
    judged = _judge(options.db, options.recent) if options.db else (None, None)
    registry = register(sorted(jobs, key=lambda job: job.started or 0.0), *judged)
    if options.textfile:
        write_textfile(registry, options.textfile)
        print(options.textfile)
    if options.push:
        push(registry, options.push, timeout_s=TIMEOUT_S)
        print(options.push)
    return 3 if skipped else 0


def _judge(db: Path, recent: int) -> tuple[dict[str, int], dict[str, int]]:
    """Findings and templates of log lines by what the history says of them."""
    with needs_numbers():
        from results_parsers.history.findings import count_verdicts
    with open_history(db) as history:
        return count_verdicts(history, recent), count_new_templates(history, recent=recent)
