"""A collector's ear: takes spans by OTLP over HTTP on loopback, and keeps them.

Source: https://opentelemetry.io/docs/specs/otlp, "OTLP/HTTP", binary protobuf.
"""

import contextlib
import gzip
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class Seen:
    """A span; ids in hexadecimal, ``parent`` empty for the first one of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, object]
    events: tuple[str, ...]
    failed: bool
    reason: str
    service: str
    seconds: float


@dataclass
class Receiver:
    """Where it listens, and what it has got."""

    url: str
    spans: list[Seen] = field(default_factory=list)


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver until the end of the block."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        server.receiver = receiver  # type: ignore[attr-defined]  # for its handlers
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportTraceServiceRequest.FromString(body)
        self.server.receiver.spans += _read(request)
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


def _read(request: ExportTraceServiceRequest) -> Iterator[Seen]:
    for resource in request.resource_spans:
        service = _values(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield _seen(span, str(service))


def _seen(span: Span, service: str) -> Seen:
    return Seen(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        _values(span.attributes),
        tuple(event.name for event in span.events),
        span.status.code == Status.STATUS_CODE_ERROR,
        span.status.message,
        service,
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    )


def _values(attributes: object) -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
