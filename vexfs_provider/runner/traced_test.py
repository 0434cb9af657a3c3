"""The span of a test: what it was of, how it went, what it found."""

import contextlib
from collections.abc import Callable, Iterator

from vexfs_provider.params import TestConfig
from vexfs_provider.record import Record
from vexfs_provider.tracing import Span, as_attributes, span, tracing

BAD = ("FAIL", "ERROR")


@contextlib.contextmanager
def traced_test(
    config: TestConfig, warn: Callable[[str], None]
) -> Iterator[Callable[[Record], None]]:
    """A span around a test, if spans are wanted; the record is told when there is one.

    It is sent whatever the end of the test is, an exception or Ctrl-C as well.
    """
    name = config.test_name
    tested = {
        "level": config.level,
        "scenario": config.scenario,
        "filesystem": config.filesystem,
    }
    with (
        tracing(warn),
        span(f"test {name}", **{"test.case.name": name}, **as_attributes(tested)) as one,
    ):
        yield lambda record: _tell(one, record)


def _tell(one: Span, record: Record) -> None:
    one.set(**as_attributes(record.configuration))
    one.set(**{"test.case.result.status": record.status})
    for finding in record.findings:
        one.event(
            "finding",
            **{
                "vexfs.finding.title": finding.title,
                "vexfs.finding.kind": finding.kind,
                "vexfs.finding.severity": finding.severity.label,
                "vexfs.finding.expected": finding.expected,
            },
        )
    if record.status in BAD:
        one.fail(record.reason)
