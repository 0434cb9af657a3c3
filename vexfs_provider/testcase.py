"""From an Avocado-VT test module to a scenario and back: parameters in, verdict and record out."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.isolation.orphans import end_with_parent
from vexfs_provider.params import TestConfig, read_arguments, read_config
from vexfs_provider.progress import SILENT
from vexfs_provider.record import Record
from vexfs_provider.runner.execute import execute
from vexfs_provider.runner.job import Host, Job, Scenario
from vexfs_provider.runner.reproducers import reduce_all
from vexfs_provider.runner.traced_test import traced_test
from vexfs_provider.settings import load_settings
from vexfs_provider.store import Store
from vexfs_provider.tracing import span

Run = Callable[[Any, Any, Any], None]


def avocado_test(scenario: Scenario, precondition: Scenario | None = None) -> Run:
    """The ``run`` function of a test module for ``scenario``; see ``Job`` for ``precondition``.

    It ends by raising Avocado's exception for the status, since a finding must be raised from
    within ``run`` to count as FAIL.
    """

    def run(test: Any, params: Any, env: Any) -> None:
        end_with_parent()
        try:
            config = read_config(params)
            arguments = read_arguments(scenario, params)
            settings = load_settings()
        except UsageError as error:
            test.error(str(error))
        folder = Path(test.logdir)
        command = _command(params, config, arguments)
        job = Job(scenario, arguments, config, folder, command, precondition)
        host = Host(settings, Store(), SILENT)
        with traced_test(config, test.log.warning) as tell:
            record = execute(job, settings=settings, store=host.store, progress=SILENT)
            with span("reduce"):
                reduce_all(job, record, host)
            tell(record)
        test.whiteboard = record.to_json()
        _log(test.log, record)
        _raise(test, record)

    return run


def _command(params: Any, config: TestConfig, arguments: dict[str, Any]) -> str:
    """The command that runs this very variant again, whatever extra parameters this job had."""
    command = ["avocado", "run", "--vt-type", "qemu", params.get("id") or params["shortname"]]
    for name, value in {**config.chosen, **arguments}.items():
        text = ",".join(value) if isinstance(value, tuple) else value
        if text != "":  # as none does
            command += ["--vt-extra-params", f"{name}={text}"]
    return shlex.join(command)


def _log(log: Any, record: Record) -> None:
    for finding in record.findings:
        mark = " (expected)" if finding.expected else ""
        log.info("finding: %s [%s]%s", finding.title, finding.severity.label, mark)
    for name, metric in record.metrics.items():
        count = len(metric.samples)
        log.info("metric: %s = %.3f %s (median of %d)", name, metric.value, metric.unit, count)


def _raise(test: Any, record: Record) -> None:
    """Tell Avocado the status; returns only for PASS."""
    from avocado.core.exceptions import TestWarn  # Avocado offers no method for it

    reason = record.reason or "no reason given"
    if record.status == "FAIL":
        test.fail(f"{reason}; reproduce: {record.reproduce}")
    if record.status == "CANCEL":
        test.cancel(reason)
    if record.status == "ERROR":
        test.error(reason)
    if record.status == "WARN":
        raise TestWarn(reason)
