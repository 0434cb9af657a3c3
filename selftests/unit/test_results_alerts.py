"""The rules and routes as files: what is committed is what is made, bad routes are named."""

import re

import pytest
import yaml
from prometheus_client import generate_latest

from results_parsers.alerts.routes import Routes, render
from results_parsers.alerts.rules import RULES
from results_parsers.alerts.rules import render as render_rules
from results_parsers.command import main
from results_parsers.errors import UsageError
from results_parsers.metrics.families import register
from vexfs_provider.paths import data_dir

FUNCTIONS = {"time", "absent", "or", "quantile_over_time", "offset", "verdict", "new", "regression"}


def test_the_committed_rules_are_those_that_are_made(tmp_path):
    made = tmp_path / "rules.yml"
    assert main(["alerts", "--rules", str(made)]) == 0
    assert made.read_text() == (data_dir("shared") / "prometheus" / "vexfs.rules.yml").read_text()


def test_rules_are_about_metrics_that_are_told():
    told = set(re.findall(r"^# TYPE (\w+)", generate_latest(register([], {})).decode(), re.M))
    for rule in RULES:
        names = set(re.findall(r"[a-z_]{3,}", rule.expression)) - FUNCTIONS
        assert names
        assert names <= told, rule.name


def test_the_rules_can_be_read():
    [group] = yaml.safe_load(render_rules())["groups"]
    assert {rule["alert"] for rule in group["rules"]} == {rule.name for rule in RULES}
    assert all(rule["labels"]["severity"] in ("warning", "critical") for rule in group["rules"])


def test_a_route_has_its_receivers():
    chosen = Routes(email="a@b.c", smarthost="mail:25", webhook="http://x/", chat="https://y/z")
    document = yaml.safe_load(render(chosen))
    [receiver] = document["receivers"]
    assert receiver["webhook_configs"][0]["url"] == "http://x/"
    assert receiver["email_configs"][0]["to"] == "a@b.c"
    assert receiver["slack_configs"][0]["api_url"] == "https://y/z"
    assert document["global"]["smtp_smarthost"] == "mail:25"
    assert document["route"]["receiver"] == receiver["name"]


@pytest.mark.parametrize(
    ("routes", "words"),
    [
        (Routes(), "nobody to tell"),
        (Routes(email="lab", smarthost="mail:25"), "--email = 'lab'"),
        (Routes(email="a@b.c", smarthost="mail"), "--smarthost = 'mail'; HOST:PORT"),
        (Routes(webhook="x"), "--webhook = 'x'"),
        (Routes(chat="ftp://x/"), "--chat = 'ftp://x/'"),
    ],
)
def test_bad_routes_are_named(routes, words):
    with pytest.raises(UsageError) as caught:
        render(routes)
    assert words in str(caught.value)


def test_nothing_to_write_is_a_wrong_use(capsys):
    assert main(["alerts", "--webhook", "http://x/"]) == 2
    assert "--rules FILE or --routes FILE" in capsys.readouterr().err
