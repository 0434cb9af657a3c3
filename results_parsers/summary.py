"""What a job found, in a few lines: ``python -m results_parsers.summary JOB``.

Exit code 0 if all that ran passed, 1 with findings, 2 for a wrong use, 3 for errors of the
machinery or if nothing was executed.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from results_parsers.job import BadResults, JobResult, TestResult
from results_parsers.reader import read_job

EXECUTED = ("PASS", "WARN", "FAIL")
REPORT = "report.html"


def main(arguments: list[str] | None = None) -> int:
    """Print the summary of the job named on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="results_parsers.summary", description=__doc__)
    parser.add_argument("job", type=Path, help="an Avocado job folder or its results.json")
    options = parser.parse_args(arguments)
    try:
        job = read_job(options.job)
    except BadResults as error:
        print(f"summary: error: {error}", file=sys.stderr)
        return 3
    print(summary(job))
    return exit_code(job)


def exit_code(job: JobResult) -> int:
    """What a command about this job returns."""
    statuses = {test.status for test in job.tests}
    if "FAIL" in statuses:
        return 1
    if statuses & {"ERROR", "INTERRUPTED"} or not statuses & set(EXECUTED):
        return 3
    return 0


def summary(job: JobResult) -> str:
    """The job's tests, what is unsupported, what was found, and where the results are."""
    lines = [line for test in job.tests for line in _test_lines(test)]
    counts = dict.fromkeys(EXECUTED, 0)
    for test in job.tests:
        counts[test.status] = counts.get(test.status, 0) + 1
    total = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    report = job.folder / REPORT
    where = [f"results: {job.folder}", *([f"report: {report}"] if report.is_file() else [])]
    return "\n".join([*lines, "", total or "no test was executed", *where])


def _test_lines(test: TestResult) -> list[str]:
    name = test.name.split("type_specific.")[-1]
    lines = [f"{test.status:<6} {name} ({test.seconds:.1f} s)"]
    if test.record is None:
        return [*lines, *_indented(test.reason)]
    if test.status in ("CANCEL", "ERROR"):
        lines += _indented(str(test.record["reason"]))
    lines += [f"       {metric}" for metric in _metrics(test.record)]
    lines += [f"       coverage: {part}" for part in _coverage(test.record)]
    lines += [f"       unsupported: {what}" for what in test.record["unsupported"]]
    lines += [f"       {finding}" for finding in _findings(test.record)]
    return lines


def _indented(text: str) -> list[str]:
    return [f"       {line}" for line in text.splitlines()]


def _metrics(record: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_metric(metric)}" for name, metric in record["metrics"].items()]


def _metric(metric: Mapping[str, Any]) -> str:
    """Value, spread, ratio and noise, as far as the record has them."""
    words = [f"median of {len(metric['samples'])}"]
    if "spread_percent" in metric:
        words.append(f"spread {metric['spread_percent']:.0f} %")
    reference = metric.get("reference")
    if reference and reference["ratio"] is not None:
        words.append(f"{reference['ratio']:.2f} times that of {reference['filesystem']}")
    if metric.get("noise"):
        words.append(f"{len(metric['noise'])} on a busy host")
    return f"{metric['value']:.1f} {metric['unit']} ({', '.join(words)})"


def _coverage(record: Mapping[str, Any]) -> list[str]:
    words = [
        f"{one['called']} of {one['functions']} functions of {one['module']}"
        for one in record.get("coverage", ())
    ]
    if lines := record.get("line_coverage"):
        words.append(f"{lines['covered']} of {lines['lines']} lines of {lines['module']}")
    return words


def _findings(record: Mapping[str, Any]) -> list[str]:
    files = {one["finding"]: one["file"] for one in record.get("timelines", ())}
    return [
        line
        for finding in record["findings"]
        for line in _finding(finding, files.get(finding["title"]))
    ]


def _finding(finding: Mapping[str, Any], timeline: str | None) -> list[str]:
    """Its title, what led to it, and the file in the test's logs with what happened around it."""
    first = f"{'expected' if finding['expected'] else finding['severity']}: {finding['title']}"
    cause = finding.get("cause")
    words = [cause] if cause else []
    words += [f"timeline: {timeline}"] if timeline else []
    return [first, *(f"    {each}" for each in words)]


if __name__ == "__main__":
    sys.exit(main())
