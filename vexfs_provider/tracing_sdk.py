"""Spans by OpenTelemetry's SDK, sent by OTLP over HTTP. Imported only where spans are wanted.

Where they go, and how, say OpenTelemetry's own variables: OTEL_EXPORTER_OTLP_ENDPOINT (default:
http://localhost:4318), OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER …
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import vexfs_provider

TIMEOUT_S = 2.0
"""For one export, unless OTEL_EXPORTER_OTLP_TIMEOUT is set."""

END_TIMEOUT_S = 4.0
"""So long a process waits at its end for what is not sent yet."""

SERVICE = "vexfs-provider"
_PROPAGATOR = TraceContextTextMapPropagator()


def start(parent: str, warn: Callable[[str], None]) -> "SdkTracing":
    """Spans that are sent to a collector, below ``parent`` (W3C Trace Context) if there is one."""
    # They tell of each try, in the log of a test that has nothing to do with it.
    for name in ("opentelemetry", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    timeout = None if "OTEL_EXPORTER_OTLP_TIMEOUT" in os.environ else TIMEOUT_S
    exporter = OncePatient(OTLPSpanExporter(timeout=timeout), warn)
    return SdkTracing(BatchSpanProcessor(exporter), parent)


class OncePatient(SpanExporter):
    """Gives up with the first spans that could not be sent: a test does not wait twice."""

    def __init__(self, exporter: SpanExporter, warn: Callable[[str], None]):
        self._exporter = exporter
        self._warn = warn
        self._gave_up = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """As the other exporter does it, until it fails."""
        if self._gave_up:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._gave_up = True
            self._warn("no spans are sent: the collector does not take them")
        return result

    def shutdown(self) -> None:
        """End the other one."""
        self._exporter.shutdown()


class SdkTracing:
    """Makes spans in this process, see ``tracing.Tracing``."""

    def __init__(self, processor: SpanProcessor, parent: str = ""):
        attributes: dict[str, str] = {SERVICE_VERSION: vexfs_provider.__version__}
        if "OTEL_SERVICE_NAME" not in os.environ:
            attributes[SERVICE_NAME] = SERVICE
        resource = Resource.create(attributes)
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SERVICE, vexfs_provider.__version__)
        self._token = context.attach(_PROPAGATOR.extract({"traceparent": parent}))

    @contextlib.contextmanager
    def span(self, name: str, attributes: Mapping[str, object]) -> Iterator["SdkSpan"]:
        """A span below the one that lasts."""
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as one:
            shown = SdkSpan(one)
            shown.set(**attributes)
            yield shown

    def ids(self) -> dict[str, str]:
        """Of the span that lasts."""
        found = trace.get_current_span().get_span_context()
        if not found.is_valid:
            return {}
        return {
            "trace_id": trace.format_trace_id(found.trace_id),
            "span_id": trace.format_span_id(found.span_id),
        }

    def parent(self) -> str:
        """The span that lasts, as W3C's Trace Context has it."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return carrier.get("traceparent", "")

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        context.detach(self._token)
        # It may hang in a connection; the process does not wait for such a thread when it ends.
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(END_TIMEOUT_S)


class SdkSpan:
    """A span of the SDK, see ``tracing.Span``."""

    def __init__(self, one: trace.Span):
        self._one = one

    def set(self, **attributes: object) -> None:
        """Attributes; those that OpenTelemetry has no type for become text."""
        self._one.set_attributes(_typed(attributes))

    def event(self, name: str, **attributes: object) -> None:
        """Something that happened at this moment."""
        self._one.add_event(name, _typed(attributes))

    def fail(self, reason: str) -> None:
        """It did not go well."""
        self._one.set_status(trace.StatusCode.ERROR, reason)


def _typed(attributes: Mapping[str, object]) -> dict[str, str | bool | int | float]:
    return {
        name: value if isinstance(value, str | bool | int | float) else str(value)
        for name, value in attributes.items()
        if value is not None
    }
