"""Queries of a dashboard, asked of a running Prometheus as Grafana does it."""

import json
import re
import subprocess


class Asked:
    """A running Prometheus, asked by promtool, which also parses what it asks."""

    def __init__(self, promtool, url):
        self.promtool, self.url = promtool, url

    def query(self, expression):
        """The series, each a dictionary of its labels and a value; raises for what is no PromQL."""
        text = self._run("query", "instant", "--format=json", self.url, expression)
        return [(one["metric"], float(one["value"][1])) for one in json.loads(text)]

    def values(self, metric, label):
        """What ``label_values(metric, label)`` is in Grafana."""
        return self._run("query", "labels", f"--match={metric}", self.url, label).split()

    def _run(self, *command):
        done = subprocess.run(
            [self.promtool, *command], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ValueError(done.stdout + done.stderr)
        return done.stdout


def expand(expression, choice):
    """As Grafana does it before it asks Prometheus."""
    values = {"__rate_interval": "1m", "__interval": "15s", "__range": "7d"} | choice
    expanded = re.sub(r"\$\{?(\w+)\}?", lambda found: values[found[1]], expression)
    assert "$" not in expanded
    return expanded


def choose(board, **chosen):
    """The values of the dashboard's variables: those that are chosen, and all of the others."""
    variables = [one for one in board["templating"]["list"] if one["type"] == "query"]
    return {one["name"]: chosen.get(one["name"], one["allValue"]) for one in variables}


def complaints(asked, board, choice):
    """What is wrong with the queries, each with its panel's title."""
    wrong, checked = [], 0
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            checked += 1
            try:
                series = asked.query(expand(target["expr"], choice))
            except ValueError as error:
                wrong.append(f"{panel['title']}: {error}")
                continue
            if not series:
                wrong.append(f"{panel['title']}: nothing")
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                if any(label not in labels for labels, _ in series):
                    wrong.append(f"{panel['title']}: no label {label}")
    assert checked, "there is no query"
    return wrong
