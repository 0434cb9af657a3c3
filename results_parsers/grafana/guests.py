"""What tests use of their guests."""

from results_parsers.alerts import rules
from results_parsers.grafana.panel import WORST, Kind, Panel, Query, bad_from, by_test, chosen

PANELS = (
    Panel(
        "Processors",
        "Mean use of the guest's processors during a test.",
        Kind.TIME_SERIES,
        "percent",
        (Query(by_test("resource_utilization_cpu"), "{{test}}"),),
        lowest=0,
        highest=100,
    ),
    Panel(
        "Memory",
        "Peak of the guest's memory during a test.",
        Kind.TIME_SERIES,
        "percent",
        (Query(by_test("resource_utilization_memory"), "{{test}}"),),
        bad_from(rules.MEMORY_PERCENT),
        lowest=0,
        highest=100,
    ),
    Panel(
        "Fullest guests",
        "Peak of the guest's memory during a test: the highest ones.",
        Kind.BAR_GAUGE,
        "percent",
        (Query(f"topk({WORST}, {by_test('resource_utilization_memory')})", "{{test}}"),),
        bad_from(rules.MEMORY_PERCENT),
        lowest=0,
        highest=100,
    ),
    Panel(
        "Start of a guest",
        "From its start to the first answer.",
        Kind.TIME_SERIES,
        "s",
        (
            Query(f"quantile(0.5, {chosen('vm_start_seconds')})", "median"),
            Query(f"max({chosen('vm_start_seconds')})", "slowest"),
        ),
        lowest=0,
    ),
)
