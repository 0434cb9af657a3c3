"""The dashboard as a file: what is committed is what is made, of metrics that there are."""

import json
import re
import sys

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client import generate_latest

from results_parsers.command import main
from results_parsers.grafana.dashboard import COLUMNS, render
from results_parsers.grafana.panel import CHOSEN, Kind, Panel, Query, Row
from results_parsers.grafana.rows import ROWS
from results_parsers.metrics.families import TEST, register
from vexfs_provider.paths import data_dir

COMMITTED = data_dir("shared") / "grafana" / "vexfs.json"
METRIC = re.compile(r"\b(?:[a-z]+_)+[a-z]+\b(?! *\()|\bfindings\b")
PANELS = [panel for row in ROWS for panel in row.panels]
EXPRESSIONS = [query.expression for panel in PANELS for query in panel.queries]


def board(*rows):
    return json.loads(render(rows) if rows else render())


def metrics(expression):
    """The names of metrics: neither functions nor what stands between braces or after "by"."""
    bare = re.sub(r"\{[^}]*\}|by \([^)]*\)", "", expression)
    return set(METRIC.findall(bare))


def test_the_committed_dashboard_is_what_is_made(tmp_path, capsys):
    made = tmp_path / "made.json"
    assert main(["dashboard", str(made)]) == 0
    assert made.read_text() == COMMITTED.read_text()
    assert capsys.readouterr().out == f"{made}\n"


def test_grafanas_library_reads_it_back():
    text = COMMITTED.read_text()
    again = Dashboard.from_json(json.loads(text))
    assert json.dumps(again, cls=JSONEncoder, indent=2, sort_keys=True) + "\n" == text


def test_panels_are_about_metrics_that_are_told():
    told = set(re.findall(r"^# TYPE (\w+)", generate_latest(register([], {}, {})).decode(), re.M))
    for expression in EXPRESSIONS:
        assert metrics(expression) <= told, expression
    used = set().union(*map(metrics, EXPRESSIONS))
    assert told - used == set(), "metrics without a panel"


def test_figures_of_tests_are_those_that_the_reader_chose():
    matchers = ",".join(f'{name}=~"${name}"' for name in CHOSEN)
    of_tests = {"test_duration_seconds", "test_passed", "error_count", "vm_start_seconds"}
    of_tests |= {"resource_utilization_cpu", "resource_utilization_memory"}
    of_tests |= {"io_throughput_mbps", "benchmark_metric", "benchmark_ratio"}
    for expression in EXPRESSIONS:
        for name in metrics(expression) & of_tests:
            assert len(re.findall(rf"\b{name}\b", expression)) == expression.count(
                f"{name}{{{matchers}"
            )


def test_each_choice_is_a_label_and_has_its_values_from_prometheus():
    variables = board()["templating"]["list"]
    assert [one["name"] for one in variables] == ["datasource", *CHOSEN]
    assert variables[0]["query"] == "prometheus"
    assert set(CHOSEN) <= set(TEST)
    for one in variables[1:]:
        assert one["query"] == f"label_values(test_duration_seconds, {one['name']})"
        assert one["datasource"]["uid"] == "${datasource}"


def test_panels_neither_overlap_nor_leave_the_grid():
    taken = set()
    for one in board()["panels"]:
        place = one["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, one["title"]
        taken |= cells
    ids = [one["id"] for one in board()["panels"]]
    assert len(set(ids)) == len(ids) == len(PANELS) + len(ROWS)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_panel_asks_as_it_shows(kind):
    queries = (Query("up", "{{job}}"), Query("up", "{{job}} again"))
    panel = Panel("Up", "What is up.", kind, "short", queries, empty="nothing")
    [_, made] = board(Row("One", (panel,)))["panels"]
    assert made["type"] == kind.value
    assert [one["refId"] for one in made["targets"]] == ["A", "B"]
    assert all(one["instant"] is kind.is_of_now for one in made["targets"])
    assert all(one["range"] is not kind.is_of_now for one in made["targets"])
    assert made["fieldConfig"]["defaults"]["noValue"] == "nothing"
    assert made["fieldConfig"]["defaults"]["thresholds"]["steps"] == [
        {"color": "blue", "value": None}
    ]


def test_what_is_not_json_is_a_wrong_use(tmp_path, capsys):
    assert main(["dashboard", str(tmp_path / "made.yml")]) == 2
    assert "Grafana imports *.json only" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["dashboard", str(tmp_path / "file" / "made.json")]) == 3
    assert f"FILE = {tmp_path}/file/made.json: File exists" in capsys.readouterr().err


def test_without_the_library_it_is_said_how_to_get_it(tmp_path, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "results_parsers.grafana.dashboard")
    monkeypatch.setitem(sys.modules, "grafana_foundation_sdk.builders", None)
    assert main(["dashboard", str(tmp_path / "made.json")]) == 3
    assert "pip install 'vexfs-provider[grafana]'" in capsys.readouterr().err
