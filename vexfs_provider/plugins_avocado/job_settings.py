"""What Avocado's configuration says of our jobs: a section for each of the plugins beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from avocado.core.plugin_interfaces import Init
from avocado.core.settings import settings


@dataclass(frozen=True)
class Option:
    """An option of the section ``[vexfs.…]``; its type is that of the ``default``."""

    section: str
    key: str
    default: bool | str
    text: str

    def read(self, config: Mapping[str, Any]) -> Any:
        """Its value in the configuration of a job."""
        return config.get(f"{self.section}.{self.key}", self.default)


REPORT = Option(
    "vexfs.report",
    "enabled",
    True,
    "Write report.html and report.json into the folder of each job",
)
TEXTFILE = Option(
    "vexfs.metrics",
    "textfile",
    "",
    "Write the metrics of the running job into this file (*.prom, for node-exporter)",
)
PUSH = Option(
    "vexfs.metrics",
    "push",
    "",
    "Push the metrics of the running job to this Pushgateway, as http://127.0.0.1:9091",
)
TRACING = Option(
    "vexfs.tracing",
    "enabled",
    False,
    "Send OpenTelemetry spans of jobs, tests and their steps (OTEL_* variables)",
)
OPTIONS = (REPORT, TEXTFILE, PUSH, TRACING)


class JobSettings(Init):
    """Declares them."""

    name = "vexfs"
    description = "Settings of reports, metrics and spans"

    def initialize(self) -> None:
        """Register all ``OPTIONS``."""
        for one in OPTIONS:
            settings.register_option(
                section=one.section,
                key=one.key,
                default=one.default,
                key_type=type(one.default),
                help_msg=one.text,
            )
