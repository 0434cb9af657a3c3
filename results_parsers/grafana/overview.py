"""How it stands: rates, findings and alerts. Limits are those of the alerts.

Figures that are not of a test are aggregated too: more than one server may tell of them.
"""

from results_parsers.alerts import rules
from results_parsers.grafana.panel import Kind, Panel, Query, bad_from, good_from

ALERTS = f'ALERTS{{alertstate="firing",alertname=~"{"|".join(one.name for one in rules.RULES)}"}}'
FINDINGS = 'findings{filesystem=~"$filesystem"}'

PANELS = (
    Panel(
        "Success rate",
        "Tests without a finding, of those that ran: each by its last run.",
        Kind.STAT,
        "percentunit",
        (Query("min(test_success_rate)", "success"),),
        good_from(1 - rules.FAILURE_RATE),
    ),
    Panel(
        "Guests that came up",
        "Of all that were to start.",
        Kind.STAT,
        "percentunit",
        (Query("min(vm_start_success_rate)", "came up"),),
        good_from(rules.START_RATE),
    ),
    Panel(
        "Since the last job began",
        f"More than {rules.NIGHTLY_HOURS} hours: a nightly run is missing.",
        Kind.STAT,
        "s",
        (Query("time() - max(last_job_start_time_seconds)", "ago"),),
        bad_from(rules.NIGHTLY_HOURS * 3600),
    ),
    Panel(
        "Different findings",
        "Different titles among the findings that nobody expected.",
        Kind.STAT,
        "short",
        (Query("max(finding_titles)", "titles"),),
        bad_from(1),
    ),
    Panel(
        "Log templates",
        "What guests logged, by shape: never seen before, or known.",
        Kind.STAT,
        "short",
        (Query("max by (verdict) (log_templates)", "{{verdict}}"),),
        empty="not counted",
    ),
    Panel(
        "Alerts firing",
        "Those of shared/prometheus/vexfs.rules.yml, if Prometheus has them.",
        Kind.STAT,
        "short",
        (Query(f"count({ALERTS})", "firing"),),
        bad_from(1),
        empty="none",
    ),
    Panel(
        "Tests by status",
        "Each test by its last run.",
        Kind.BAR_GAUGE,
        "short",
        (Query("max by (status) (test_count)", "{{status}}"),),
        lowest=0,
    ),
    Panel(
        "Findings by what is known of them",
        "Of the last job, against all before: vexfs-results flakes names them.",
        Kind.BAR_GAUGE,
        "short",
        (Query("max by (verdict) (finding_verdicts)", "{{verdict}}"),),
        lowest=0,
        empty="not judged",
    ),
    Panel(
        "Findings by kind",
        "Findings that nobody expected, of each test's last run.",
        Kind.TABLE,
        "short",
        (Query(f"max by (kind, severity, filesystem) ({FINDINGS})"),),
        empty="none",
    ),
    Panel(
        "Which alerts fire",
        "Those of shared/prometheus/vexfs.rules.yml, if Prometheus has them.",
        Kind.TABLE,
        "short",
        (Query(f"max by (alertname, severity) ({ALERTS})"),),
        empty="none",
    ),
    Panel(
        "Success over time",
        "Of tests and of the starts of guests.",
        Kind.TIME_SERIES,
        "percentunit",
        (
            Query("min(test_success_rate)", "tests"),
            Query("min(vm_start_success_rate)", "guests"),
        ),
        highest=1,
    ),
    Panel(
        "Findings over time",
        "By what was known of them then.",
        Kind.TIME_SERIES,
        "short",
        (Query("max by (verdict) (finding_verdicts)", "{{verdict}}"),),
        lowest=0,
        empty="not judged",
    ),
)
