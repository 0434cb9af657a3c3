"""The committed dashboard's queries, run by a real Prometheus that knows a week of jobs.

There is no Grafana here: its variables are replaced as it does that.
"""

import json
import re
import subprocess
import sys
from datetime import date, timedelta

import pytest
from conftest import wait_until
from dashboard_queries import Asked, choose, complaints, expand
from prometheus_tools import find_tools, free_port, running

from results_parsers.command import main
from results_parsers.demo import SCENARIOS, SLOWNESS, make_demo
from results_parsers.reader import read_job
from vexfs_provider.paths import data_dir

COMMITTED = data_dir("shared") / "grafana" / "vexfs.json"
RULES = data_dir("shared") / "prometheus" / "vexfs.rules.yml"
NIGHTS = 6  # in the last of them a finding is new, so that an alert fires

CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs: [{{job_name: vexfs, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Older nights are put into Prometheus' storage at their times, the last one is scraped."""
    tools, folder = find_tools(), tmp_path_factory.mktemp("prometheus")
    *older, last = make_demo(folder / "jobs", NIGHTS, 1, date.today() - timedelta(days=1))
    keep_older(tools / "promtool", older, folder)
    add_console(older[0], "EXT4-fs (vdb): recovery complete")
    add_console(last, "EXT4-fs (vdb): recovery complete", "demo: never said before")
    db = folder / "h.sqlite"
    assert main(["ingest", "--db", str(db), *map(str, older), str(last)]) == 0
    assert main(["logs", "--db", str(db)]) == 0
    served, port = free_port(), free_port()
    (folder / "p.yml").write_text(CONFIGURATION.format(rules=RULES, port=served))
    serve = [sys.executable, "-m", "results_parsers.command", "serve", "--db", db]
    prometheus = [
        *(tools / "prometheus", f"--config.file={folder}/p.yml"),
        *(f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder}/data"),
    ]
    url = f"http://127.0.0.1:{port}"
    ready = f"http://127.0.0.1:{served}/healthz"
    with (
        running([*serve, "--port", str(served)], ready, folder / "serve.log"),
        running(prometheus, f"{url}/-/ready", folder / "prometheus.log"),
    ):
        asked = Asked(tools / "promtool", url)
        # Whether a night is missing is asked before the first scrape, this only after it.
        wait_until(lambda: asked.query('ALERTS{alertname="NewFinding"}'), "the alert fires")
        yield asked


def add_console(job, *lines):
    """The synthetic jobs have none."""
    console = job / "test-results" / "01-test" / "console.log"
    console.parent.mkdir(parents=True)
    console.write_text("\n".join([*lines, ""]))


def keep_older(promtool, jobs, folder):
    """Make blocks of Prometheus' storage of what is told of the jobs."""
    lines = []
    for job in jobs:
        file = folder / "night.prom"
        assert main(["metrics", "--textfile", str(file), str(job)]) == 0
        told = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        lines += [f"{line} {read_job(job).started}" for line in told]
    (folder / "older.txt").write_text("\n".join([*lines, "# EOF\n"]))
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics"]
    command += [folder / "older.txt", folder / "data"]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def board():
    return json.loads(COMMITTED.read_text())


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"filesystem": "vexfs", "level": "1", "kernel": "6\\\\.1"},  # as Grafana escapes it
        {"filesystem": "(vexfs|ext4)", "scenario": "(mount_cycle|basic_io|metadata|persistence)"},
    ],
    ids=["all", "one", "several"],
)
def test_no_panel_is_empty(asked, board, chosen):
    assert complaints(asked, board, choose(board, **chosen)) == []


def wrong_metric(text):
    return text.replace("min(vm_start_success_rate)", "min(vm_starts)")


def wrong_syntax(text):
    return text.replace("max by (status) (test_count)", "max by (status) (test_count")


def wrong_legend(text):
    return text.replace("{{status}}", "{{state}}")


def wrong_choice(text):
    return text.replace('findings{filesystem=~\\"', 'findings{file_system=~\\"x')


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (wrong_metric, ["Guests that came up: nothing", "Success over time: nothing"]),
        (wrong_syntax, ["Tests by status: .*parse error: unclosed left parenthesis"]),
        (wrong_legend, ["Tests by status: no label state"]),
        (wrong_choice, ["Findings by kind: nothing"]),
    ],
)
def test_a_wrong_query_is_seen(asked, spoil, expected):
    committed = COMMITTED.read_text()
    spoiled = spoil(committed)
    assert spoiled != committed
    board = json.loads(spoiled)
    told = complaints(asked, board, choose(board))
    assert len(told) == len(expected)
    for words, pattern in zip(told, expected, strict=True):
        assert re.match(pattern, words, re.S), words


def test_each_variable_has_the_values_of_the_jobs(asked, board):
    values = {
        name: asked.values(*re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups())
        for name, query in (
            (one["name"], one["query"])
            for one in board["templating"]["list"]
            if one["type"] == "query"
        )
    }
    assert values["filesystem"] == sorted(SLOWNESS)
    assert values["scenario"] == sorted(SCENARIOS)
    assert values["level"] == ["1"]
    assert values["kernel"] == ["6.1"]


def test_the_figures_are_those_of_the_last_night(asked, board):
    tests = len(SLOWNESS) * len(SCENARIOS)
    assert shown(asked, board, "Success rate") == {(): pytest.approx(1 - 1 / tests)}
    assert shown(asked, board, "Different findings") == {(): 1}
    assert shown(asked, board, "Log templates") == {("new",): 1, ("known",): 1}
    assert shown(asked, board, "Tests by status") == {("PASS",): tests - 1, ("FAIL",): 1}
    verdicts = shown(asked, board, "Findings by what is known of them")
    assert verdicts["new",] == 1
    assert {("regression",), ("flaky",), ("fixed",)} <= verdicts.keys()
    assert ("NewFinding", "critical") in shown(asked, board, "Which alerts fire")
    assert len(shown(asked, board, "Duration")) == tests
    of_one = shown(asked, board, "Duration", filesystem="vexfs")
    assert {name for (name,) in of_one} == {f"vexfs.level1.{one}.on_vexfs" for one in SCENARIOS}
    slowness = shown(asked, board, "Duration against the median").values()
    assert all(0.5 < factor < 2 for factor in slowness)


def shown(asked, board, title, **chosen):
    """The values of the panel's first query by those of their labels."""
    [panel] = [one for one in board["panels"] if one["title"] == title]
    series = asked.query(expand(panel["targets"][0]["expr"], choose(board, **chosen)))
    return {tuple(labels.values()): value for labels, value in series}
