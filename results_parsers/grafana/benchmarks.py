"""What scenarios measure."""

from results_parsers.grafana.panel import RATIO, Kind, Panel, Query, by_test

PANELS = (
    Panel(
        "Throughput",
        "Median of a test's samples.",
        Kind.TIME_SERIES,
        "MBs",
        (Query(by_test("io_throughput_mbps", "metric"), "{{test}} {{metric}}"),),
        lowest=0,
    ),
    Panel(
        "Times",
        "Metrics in milliseconds: medians of a test's samples.",
        Kind.TIME_SERIES,
        "ms",
        (Query(by_test("benchmark_metric", "metric", unit="ms"), "{{test}} {{metric}}"),),
        lowest=0,
    ),
    Panel(
        "Rates",
        "Metrics a second: medians of a test's samples.",
        Kind.TIME_SERIES,
        "ops",
        (Query(by_test("benchmark_metric", "metric", unit="1/s"), "{{test}} {{metric}}"),),
        lowest=0,
    ),
    Panel(
        "Ratio to the reference filesystem",
        "Both measured in turn: a busy host hardly moves it.",
        Kind.TIME_SERIES,
        RATIO,
        (Query(by_test("benchmark_ratio", "metric"), "{{test}} {{metric}}"),),
        empty="no reference was measured",
    ),
    Panel(
        "All metrics",
        "The last value of each, in its unit.",
        Kind.TABLE,
        "none",
        (Query(by_test("benchmark_metric", "filesystem", "kernel", "metric", "unit")),),
        width=24,
    ),
)
