"""The span of a job, which those of its tests are below; they learn of it by their environment.

On by ``enabled = True`` in the section ``[vexfs.tracing]`` of Avocado's configuration.
"""

import contextlib
import logging
import os
from typing import Any

from avocado.core.plugin_interfaces import JobPost, JobPre

from vexfs_provider.plugins_avocado.job_settings import TRACING
from vexfs_provider.tracing import ENABLED, PARENT, Span, environment, span, tracing

LOG = logging.getLogger("avocado.app")


class JobSpan(JobPre, JobPost):
    """Begins the span before the tests, and sends it when the job is over."""

    name = "vexfs-tracing"
    description = "Sends an OpenTelemetry span for each job"

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._span: Span | None = None

    def pre(self, job: Any) -> None:
        """Does nothing where no spans are wanted."""
        if not TRACING.read(job.config):
            return
        outer = {name: os.environ.get(name) for name in (ENABLED, PARENT)}
        self._open.callback(_set_environment, outer)
        os.environ[ENABLED] = "1"
        self._open.enter_context(tracing(LOG.warning))
        names = {"cicd.pipeline.name": "avocado", "cicd.pipeline.run.id": job.unique_id}
        self._span = self._open.enter_context(span("job", **names))
        _set_environment({ENABLED: None, **environment()})

    def post(self, job: Any) -> None:
        """Tell how it went."""
        if self._span is not None:
            result = job.result
            counts = {
                "tests": result.tests_total,
                "passed": result.passed,
                "failed": result.failed,
                "errors": result.errors,
            }
            self._span.set(**{f"vexfs.job.{name}": count for name, count in counts.items()})
            if result.failed or result.errors:
                self._span.fail(f"{result.failed} failed, {result.errors} errors")
        self._open.close()


def _set_environment(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
