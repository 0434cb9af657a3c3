"""Spans for OpenTelemetry: how long a job, a test, the start of a guest and each step took.

Nothing of OpenTelemetry is imported, and ``span`` does nothing, until ``tracing`` is entered where
the environment wants it. The names of attributes are those of its semantic conventions where they
have one (https://opentelemetry.io/docs/specs/semconv/registry/attributes/), else begin with vexfs.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from vexfs_provider.errors import NotApplicable

ENABLED = "VEXFS_TRACING"
"""Set in the environment of a job's tests if their spans are wanted."""

PARENT = "TRACEPARENT"
"""The span that the spans of a process are below, as W3C's Trace Context has it."""

MISSING = (
    "no spans are recorded: tracing is on, but OpenTelemetry is not installed; "
    "run: pip install 'vexfs-provider[tracing]'"
)


class Span(Protocol):
    """What can be said of a span while it lasts; values that are None are left out."""

    def set(self, **attributes: object) -> None: ...

    def event(self, name: str, **attributes: object) -> None: ...

    def fail(self, reason: str) -> None: ...


class Tracing(Protocol):
    """Makes spans in this process."""

    def span(
        self, name: str, attributes: Mapping[str, object]
    ) -> contextlib.AbstractContextManager[Span]: ...

    def ids(self) -> dict[str, str]: ...

    def parent(self) -> str: ...

    def close(self) -> None: ...


class _NoSpan:
    def set(self, **attributes: object) -> None: ...

    def event(self, name: str, **attributes: object) -> None: ...

    def fail(self, reason: str) -> None: ...


_NO_SPAN = _NoSpan()
_now: Tracing | None = None


@contextlib.contextmanager
def tracing(warn: Callable[[str], None]) -> Iterator[None]:
    """Record and send the spans of the block, if the environment wants it (``ENABLED``).

    What could not be sent is told to ``warn`` once, and delays the end by some seconds at most.
    """
    if not os.environ.get(ENABLED):
        yield
        return
    try:
        from vexfs_provider.tracing_sdk import start
    except ImportError:
        warn(MISSING)
        yield
        return
    with using(start(os.environ.get(PARENT, ""), warn)):
        yield


@contextlib.contextmanager
def using(one: Tracing) -> Iterator[None]:
    """Record the spans of the block there."""
    global _now  # noqa: PLW0603  # one per process, as with logging
    outer, _now = _now, one
    try:
        yield
    finally:
        _now = outer
        one.close()


@contextlib.contextmanager
def span(name: str, /, **attributes: object) -> Iterator[Span]:
    """A span around a block; an exception makes it a failed one, unless nothing was to be done."""
    if _now is None:
        yield _NO_SPAN
        return
    with _now.span(name, attributes) as one:
        try:
            yield one
        except NotApplicable as reason:
            one.set(**{"vexfs.not_applicable": str(reason)})
            raise
        except BaseException as error:
            one.fail(f"{type(error).__name__}: {error}")
            raise


def current_ids() -> dict[str, str]:
    """``trace_id`` and ``span_id`` of the innermost span, in hexadecimal; empty without one."""
    return _now.ids() if _now is not None else {}


def environment() -> dict[str, str]:
    """What makes the spans of another process part of the innermost span; empty without one."""
    return {} if _now is None else {ENABLED: "1", PARENT: _now.parent()}


def as_attributes(values: Mapping[str, Any], prefix: str = "vexfs.") -> dict[str, Any]:
    """The plain values of a mapping, by names that begin with the prefix."""
    plain = (str, int, float, bool)
    return {f"{prefix}{name}": value for name, value in values.items() if isinstance(value, plain)}
