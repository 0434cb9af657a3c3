"""Spans: a tree of what a test did, with its verdict; nothing at all where they are not wanted."""

import subprocess
import sys
import time

import pytest
from fake_bench import FakeBench
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from vexfs_provider import tracing, tracing_sdk
from vexfs_provider.detection import Finding, Severity
from vexfs_provider.errors import NotApplicable
from vexfs_provider.events import EventLog
from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.params import TestConfig
from vexfs_provider.record import Record
from vexfs_provider.runner import traced_test
from vexfs_provider.tracing_sdk import OncePatient, SdkTracing

CONFIG = TestConfig(1, "demo", "ext4", "tcg", GuestSpec(), 60.0, require_module=False)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def traced(exporter, monkeypatch):
    """Tracing as the environment of a test has it, kept in memory."""
    monkeypatch.setenv(tracing.ENABLED, "1")
    monkeypatch.setenv(tracing.PARENT, PARENT)
    monkeypatch.setattr(
        tracing_sdk, "start", lambda parent, _: SdkTracing(SimpleSpanProcessor(exporter), parent)
    )


@pytest.fixture
def bench(tmp_path):
    events = EventLog(tmp_path / "events.jsonl")
    yield FakeBench(tmp_path, events)
    events.close()


def by_name(exporter):
    return {span.name: span for span in exporter.get_finished_spans()}


def silent(_):
    pytest.fail("nothing was to be warned of")


@pytest.mark.usefixtures("traced")
def test_the_spans_of_a_test_are_a_tree_below_its_job(exporter, bench):
    finding = Finding("WARNING in demo", "warning", None, Severity.ERROR)
    record = Record(1, "demo", "ext4", status="FAIL", reason="WARNING in demo")
    record.findings.append(finding)
    record.configuration = {"kernel": "6.1", "accelerator": "tcg", "disks": []}
    with traced_test.traced_test(CONFIG, silent) as tell:
        with bench.step("mount", 3), bench.step("write"):
            pass
        tell(record)
    spans = by_name(exporter)
    test, mount, write = (
        spans[name] for name in ("test vexfs.level1.demo.on_ext4", "step mount", "step write")
    )
    assert {format(span.context.trace_id, "032x") for span in spans.values()} == {
        PARENT.split("-")[1]
    }
    assert format(test.parent.span_id, "016x") == PARENT.split("-")[2]
    assert mount.parent.span_id == test.context.span_id
    assert write.parent.span_id == mount.context.span_id
    assert mount.attributes["vexfs.step"] == "mount 3"
    assert test.attributes["test.case.result.status"] == "FAIL"
    assert test.attributes["vexfs.kernel"] == "6.1"
    assert "vexfs.disks" not in test.attributes
    assert test.status.status_code is StatusCode.ERROR
    assert test.status.description == "WARNING in demo"
    [event] = test.events
    assert event.attributes["vexfs.finding.title"] == "WARNING in demo"
    assert test.resource.attributes["service.name"] == "vexfs-provider"


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("error", [ValueError("planted"), KeyboardInterrupt()])
def test_a_span_is_ended_whatever_ends_the_test(exporter, bench, error):
    with (
        pytest.raises(type(error)),
        traced_test.traced_test(CONFIG, silent),
        bench.step("mount"),
    ):
        raise error
    for span in by_name(exporter).values():
        assert span.status.status_code is StatusCode.ERROR
        assert type(error).__name__ in span.status.description
    assert len(by_name(exporter)) == 2


@pytest.mark.usefixtures("traced")
def test_what_does_not_apply_is_no_failure(exporter):
    with pytest.raises(NotApplicable), traced_test.traced_test(CONFIG, silent):
        raise NotApplicable("no such feature")
    [span] = exporter.get_finished_spans()
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["vexfs.not_applicable"] == "no such feature"


@pytest.mark.usefixtures("traced")
def test_another_process_goes_on_with_the_trace(exporter):
    with traced_test.traced_test(CONFIG, silent):
        told = tracing.environment()
        ids = tracing.current_ids()
    [span] = exporter.get_finished_spans()
    assert told[tracing.ENABLED] == "1"
    assert told[tracing.PARENT].split("-")[1:3] == [ids["trace_id"], ids["span_id"]]
    assert ids["span_id"] == format(span.context.span_id, "016x")


def test_nothing_is_imported_where_no_spans_are_wanted():
    program = (
        "import sys, vexfs_provider.testcase, vexfs_provider.tracing as t\n"
        "with t.tracing(print), t.span('x') as one:\n"
        "    one.set(a=1); one.event('e'); one.fail('r')\n"
        "assert t.environment() == t.current_ids() == {}\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv(tracing.ENABLED, "1")
    monkeypatch.setitem(sys.modules, "vexfs_provider.tracing_sdk", None)
    warnings = []
    with tracing.tracing(warnings.append), tracing.span("x"):
        assert tracing.current_ids() == {}
    assert warnings == [tracing.MISSING]


class Refusing(SpanExporter):
    """Takes nothing."""

    tries = 0

    def export(self, spans):
        self.tries += 1
        return SpanExportResult.FAILURE

    def shutdown(self):
        pass


def test_a_collector_that_refuses_is_asked_once_and_named_once():
    refusing, warnings = Refusing(), []
    processor = SimpleSpanProcessor(OncePatient(refusing, warnings.append))
    with tracing.using(SdkTracing(processor)):
        for name in "abc":
            with tracing.span(name):
                pass
    assert refusing.tries == 1
    [warning] = warnings
    assert "collector" in warning


def test_nobody_waits_for_one_that_hangs(monkeypatch):
    class Hanging(InMemorySpanExporter):
        def shutdown(self):
            time.sleep(30)

    monkeypatch.setattr(tracing_sdk, "END_TIMEOUT_S", 0.1)
    started = time.monotonic()
    with tracing.using(SdkTracing(SimpleSpanProcessor(Hanging()))):
        pass
    assert time.monotonic() - started < 20
