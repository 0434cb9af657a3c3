"""Which tests pass, and how long they take."""

from results_parsers.alerts import rules
from results_parsers.grafana.panel import (
    BAD,
    GOOD,
    RATIO,
    WORST,
    Kind,
    Panel,
    Query,
    bad_from,
    by_test,
    chosen,
    good_from,
)

SLOWNESS = (
    f"{by_test('test_duration_seconds')} / max by (test) (quantile_over_time(0.5, "
    f"{chosen('test_duration_seconds')}[{rules.BASELINE}] offset {rules.BASELINE_UNTIL}))"
)
MEDIAN = f"the median of the {rules.BASELINE} until {rules.BASELINE_UNTIL} ago"

PANELS = (
    Panel(
        "Passed by filesystem",
        "Tests that ran and found nothing, of those that ran.",
        Kind.BAR_GAUGE,
        "percentunit",
        (Query(f"avg by (filesystem) ({chosen('test_passed')})", "{{filesystem}}"),),
        good_from(1 - rules.FAILURE_RATE),
        lowest=0,
        highest=1,
    ),
    Panel(
        "Passed least often",
        "How much of the time shown a test's last run had passed.",
        Kind.BAR_GAUGE,
        "percentunit",
        (
            Query(
                f"bottomk({WORST}, min by (test) "
                f"(avg_over_time({chosen('test_passed')}[$__range])))",
                "{{test}}",
            ),
        ),
        good_from(1 - rules.FAILURE_RATE),
        lowest=0,
        highest=1,
    ),
    Panel(
        "Passed or not",
        "The last run of each test at the time.",
        Kind.STATE_TIMELINE,
        "short",
        (Query(f"min by (test) ({chosen('test_passed')})", "{{test}}"),),
        states=((0, "failed", BAD), (1, "passed", GOOD)),
    ),
    Panel(
        "Tests with findings",
        "How many findings that nobody expected the last run had.",
        Kind.TABLE,
        "short",
        (Query(f"{by_test('error_count', 'filesystem', 'kernel')} > 0"),),
        empty="none",
    ),
    Panel(
        "Slower than usual",
        f"How many times as long as {MEDIAN}: the slowest tests.",
        Kind.BAR_GAUGE,
        RATIO,
        (Query(f"topk({WORST}, {SLOWNESS})", "{{test}}"),),
        bad_from(rules.SLOWER),
        lowest=0,
        empty=f"nothing is older than {rules.BASELINE_UNTIL}",
    ),
    Panel(
        "Duration against the median",
        f"How many times as long as {MEDIAN}.",
        Kind.TIME_SERIES,
        RATIO,
        (Query(SLOWNESS, "{{test}}"),),
        bad_from(rules.SLOWER),
        lowest=0,
        empty=f"nothing is older than {rules.BASELINE_UNTIL}",
    ),
    Panel(
        "Duration",
        "Of each test.",
        Kind.TIME_SERIES,
        "s",
        (Query(by_test("test_duration_seconds"), "{{test}}"),),
        lowest=0,
    ),
    Panel(
        "Durations of all tests",
        "How many tests take how long.",
        Kind.HEAT_MAP,
        "s",
        (Query(by_test("test_duration_seconds"), "{{test}}"),),
    ),
)
