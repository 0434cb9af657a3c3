"""``vexfs-detect PATH…``: what kernels reported in their logs; needs no guest and no Avocado.

Exit code: 0 if there is no crash in any log, 1 if there is one, 2 for a wrong use, 3 if a log could
not be read.
"""

import argparse
import json
import os
import select
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vexfs_provider.detection.cause import cause_hint
from vexfs_provider.detection.guilty_file import guilty_file
from vexfs_provider.detection.inputs import Log, find_logs
from vexfs_provider.detection.recommendations import recommendation
from vexfs_provider.detection.report import Report, first_crash
from vexfs_provider.detection.sample import Sample
from vexfs_provider.detection.stream import Stream, Told
from vexfs_provider.errors import InfrastructureError, VexfsError

if TYPE_CHECKING:
    from vexfs_provider.detection.classifier.ranking import Ranking

PROGRAM = "vexfs-detect"
REST_S = 1.0  # a console that was silent for so long has told its report to the end


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments, for our own program and for Avocado's."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a log, a directory of logs, or - for the standard input, which may be endless",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a line of JSON for each log")
    form.add_argument(
        "--rank",
        action="store_true",
        help="also list the logs without a crash, the most suspicious first",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; returns its exit code."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description=str(__doc__).partition("\n")[0])
    configure(parser)
    try:
        return run(parser.parse_args(arguments))
    except VexfsError as error:
        print(f"{PROGRAM}: error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def run(args: argparse.Namespace) -> int:
    """Look through all logs and print what is in each. Raises ``VexfsError``."""
    logs = find_logs(args.paths)
    ranking = _ranking() if args.rank else None
    crashed = unread = 0
    for log in logs:
        sample = Sample()
        found = _look_through(log, sample)
        try:
            crash = _tell_as_json(log, found, sample) if args.json else _tell(log, found)
            crashed += crash
        except InfrastructureError as error:
            print(f"{PROGRAM}: error: {error}", file=sys.stderr)
            unread += 1
            continue
        if ranking and not crash:
            ranking.add(log.id, sample.text())
    if not args.json:
        print(f"{crashed} of {len(logs) - unread} logs tell of a crash")
    if ranking:
        print("\n".join(ranking.lines()))
    return InfrastructureError.exit_code if unread else int(crashed > 0)


def _ranking() -> "Ranking":
    from vexfs_provider.detection.classifier.ranking import Ranking

    return Ranking()


def _look_through(log: Log, sample: Sample) -> Iterator[Told]:
    stream = Stream()
    for chunk in log.chunks():
        sample.feed(chunk)
        yield from stream.feed(chunk)
        if log.live and not select.select([sys.stdin], [], [], REST_S)[0]:
            yield from stream.look()
    yield from stream.look()


def _tell(log: Log, found: Iterable[Told]) -> bool:
    """Print a line for each title, of a live log at once; whether one is that of a crash."""
    crashed = False
    first: dict[str, Report] = {}
    times: Counter[str] = Counter()
    for report, *_ in found:
        crashed |= not report.notice
        times[report.title] += 1
        if report.title not in first:
            first[report.title] = report
            if log.live:
                print(_line(log, report), flush=True)
    if not log.live:
        for title, report in first.items():
            print(_line(log, report, times[title]))
    return crashed


def _line(log: Log, report: Report, times: int = 1) -> str:
    notes = [report.type or report.kind, f"at byte {report.start}"]
    if report.corrupted:
        notes.append(f"corrupted: {report.corrupted_reason}")
    if times > 1:
        notes.append(f"{times} times")
    return f"{log.id}: {report.title} [{', '.join(notes)}]"


def _tell_as_json(log: Log, found: Iterable[Told], sample: Sample) -> bool:
    """Print one line: the report that names the log, and all of them; whether it is a crash.

    ``confidence`` of a log without a crash is how suspicious it is.
    """
    from vexfs_provider.detection.classifier import suspicion  # it takes its time to load

    told = list(found)
    reports = [_described(one) for one in told]
    first = first_crash(one.report for one in told)
    named = next(
        (text for text, one in zip(reports, told, strict=True) if one.report is first), None
    )
    line = {"id": log.id, "detected": named is not None, **(named or _described(None))}
    if named is None:
        line["confidence"] = round(suspicion(sample.text()).probability, 4)
    print(json.dumps({**line, "reports": reports}), flush=True)
    return named is not None


def _described(told: Told | None) -> dict[str, Any]:
    if told is None:
        names = ("type", "title", "frame", "kind", "start", "end", "context", "guilty_file")
        texts = {"cause": "", "recommendation": ""}
        other = {"alt_titles": [], "confidence": 0.0, "corrupted": False}
        return {**dict.fromkeys(names), **texts, **other}
    from vexfs_provider.detection.classifier import graded

    report, text = told.report, told.excerpt.decode("utf-8", "replace")
    file = guilty_file(text)
    return {
        "type": report.type,
        "title": report.title,
        "frame": report.frame,
        "kind": report.kind,
        "start": report.start,
        "end": report.end,
        "context": text,
        "guilty_file": file,
        "cause": cause_hint(file, told.before, report.start - len(told.before)),
        "recommendation": recommendation(report.kind),
        "alt_titles": list(report.alt_titles),
        "confidence": round(graded(report, told.excerpt), 4),
        "corrupted": report.corrupted,
    }
