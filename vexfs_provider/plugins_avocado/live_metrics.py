"""While a job runs: its metrics for Prometheus, after each test, not only when all is over.

On by ``textfile`` or ``push`` in the section ``[vexfs.metrics]`` of Avocado's configuration.
"""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avocado.core.plugin_interfaces import ResultEvents

from results_parsers.avocado_json import read_test
from results_parsers.errors import ResultsError
from results_parsers.job import TestResult
from results_parsers.metrics.live import LiveMetrics, Targets
from results_parsers.metrics.publish import check_gateway, check_textfile
from vexfs_provider.plugins_avocado.job_settings import PUSH, TEXTFILE

WHITEBOARD = "whiteboard"
LOG = logging.getLogger("avocado.app")


class MetricsAfterTest(ResultEvents):
    """Tells of each test when it has ended; what goes wrong is no failure of the job."""

    name = "vexfs-metrics"
    description = "Tells Prometheus of each test when it has ended"

    def __init__(self, config: Mapping[str, Any] | None = None):
        self._live: LiveMetrics | None = None

    def pre_tests(self, job: Any) -> None:
        """Does nothing for a job that nobody wants to hear of."""
        textfile, gateway = (str(option.read(job.config)) for option in (TEXTFILE, PUSH))
        if not textfile and not gateway:
            return
        try:
            targets = Targets(
                check_textfile(Path(textfile)) if textfile else None,
                check_gateway(gateway) if gateway else "",
            )
            self._live = LiveMetrics(
                targets, started=time.time(), planned=job.size, warn=LOG.warning
            )
        except ResultsError as error:
            LOG.warning("no metrics of this job: [%s] %s", PUSH.section, error)

    def start_test(self, result: Any, state: Any) -> None:
        """Nothing is told of tests that run."""

    def test_progress(self, progress: bool = False) -> None:
        """Nothing is told of tests that run."""

    def end_test(self, result: Any, state: Mapping[str, Any]) -> None:
        """Tell of the test that has ended."""
        if self._live is not None:
            self._live.add(_read(state))

    def post_tests(self, job: Any) -> None:
        """Tell of all tests."""
        if self._live is not None:
            self._live.end()


def _read(state: Mapping[str, Any]) -> TestResult:
    """A test as Avocado's result events have it; its whiteboard lies in its folder by then."""
    try:
        text = (Path(str(state.get("logdir", ""))) / WHITEBOARD).read_text(errors="replace")
    except OSError:
        text = ""
    return read_test({**state, "name": str(state.get("name")), WHITEBOARD: text}, [])
