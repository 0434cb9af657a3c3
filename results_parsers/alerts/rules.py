"""Prometheus' rules about the metrics of ``results_parsers.metrics``, as YAML.

Source: Prometheus: docs/configuration/alerting_rules.
"""

from dataclasses import dataclass
from typing import Any

import yaml

GROUP = "vexfs"
FAILURE_RATE = 0.1
START_RATE = 0.9
MEMORY_PERCENT = 90
SLOWER = 2
BASELINE = "30d"
BASELINE_UNTIL = "12h"  # ago: the run itself is not what it is compared with
NIGHTLY_HOURS = 36
HEADER = "# Made by: vexfs-results alerts --rules FILE\n"


@dataclass(frozen=True)
class Rule:
    """An alert; ``lasting`` is how long its condition must have held (Prometheus' durations)."""

    name: str
    expression: str
    severity: str
    summary: str
    description: str
    lasting: str = "0s"

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the rule file."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.lasting,
            "labels": {"severity": self.severity},
            "annotations": {"summary": self.summary, "description": self.description},
        }


RULES = (
    Rule(
        "TestFailureRateHigh",
        f"1 - test_success_rate > {FAILURE_RATE}",
        "critical",
        "Many tests fail",
        "{{ $value | humanizePercentage }} of the tests that ran have findings.",
    ),
    Rule(
        "GuestStartFailing",
        f"vm_start_success_rate < {START_RATE}",
        "critical",
        "Guests do not start",
        "Only {{ $value | humanizePercentage }} of the guests came up.",
    ),
    Rule(
        "GuestMemoryHigh",
        f"resource_utilization_memory > {MEMORY_PERCENT}",
        "warning",
        "A guest's memory is nearly used up",
        "{{ $labels.test }} used {{ $value | humanize }} % of its guest's memory.",
    ),
    Rule(
        "TestSlow",
        f"test_duration_seconds > {SLOWER} * "
        f"quantile_over_time(0.5, test_duration_seconds[{BASELINE}] offset {BASELINE_UNTIL})",
        "warning",
        "A test takes much longer than it did",
        f"{{{{ $labels.test }}}} took {{{{ $value | humanizeDuration }}}}, more than {SLOWER} times"
        f" the median of {BASELINE}.",
    ),
    Rule(
        "NewFinding",
        'finding_verdicts{verdict="new"} > 0',
        "critical",
        "A finding that was never there before",
        "{{ $value }} new findings; vexfs-results flakes names them.",
    ),
    Rule(
        "Regression",
        'finding_verdicts{verdict="regression"} > 0',
        "critical",
        "A finding comes more often than it did",
        "{{ $value }} findings are regressions; vexfs-results flakes names them.",
    ),
    Rule(
        "NightlyMissing",
        f"time() - last_job_start_time_seconds > {NIGHTLY_HOURS * 3600} "
        "or absent(last_job_start_time_seconds)",
        "warning",
        "No nightly run",
        f"The last job began more than {NIGHTLY_HOURS} hours ago, or nothing is told of any.",
        lasting="5m",  # Prometheus has scraped nothing yet when it has just started
    ),
)


def render() -> str:
    """The rule file."""
    document = {"groups": [{"name": GROUP, "rules": [rule.to_dict() for rule in RULES]}]}
    return HEADER + yaml.safe_dump(document, sort_keys=False, width=100)
