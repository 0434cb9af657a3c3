"""The alerts with the real Prometheus, Alertmanager and Pushgateway, on the loopback interface."""

import http.server
import json
import re
import shutil
import subprocess
import threading
from datetime import date
from pathlib import Path

import pytest
from conftest import wait_until
from prometheus_tools import find_tools, free_port, running, with_its_files

from results_parsers.alerts.rules import RULES
from results_parsers.command import main
from results_parsers.demo import make_demo
from vexfs_provider.paths import data_dir

COMMITTED = data_dir("shared") / "prometheus" / "vexfs.rules.yml"
CASES = Path(__file__).with_name("alert_cases.yml")


@pytest.fixture(scope="module")
def tools():
    return find_tools()


def check(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_the_rules(tools):
    assert f"{len(RULES)} rules found" in check(tools / "promtool", "check", "rules", COMMITTED)


def test_prometheus_takes_the_configuration_of_the_docs(tools, tmp_path):
    text = (data_dir("shared").parent / "docs" / "monitoring.md").read_text()
    [block] = re.findall(r"```yaml\n(.*?)```", text, re.S)
    (tmp_path / "prometheus.yml").write_text(block)
    shutil.copy(COMMITTED, tmp_path)
    told = check(tools / "promtool", "check", "config", "prometheus.yml", cwd=tmp_path)
    assert f"{len(RULES)} rules found" in told


def test_each_rule_fires_where_it_must_and_only_there(tools, tmp_path):
    text = CASES.read_text()
    assert all(rule.name in text for rule in RULES)
    for file in (COMMITTED, CASES):
        shutil.copy(file, tmp_path)
    check(tools / "promtool", "test", "rules", CASES.name, cwd=tmp_path)


def test_a_wrong_rule_is_seen(tools, tmp_path):
    rules = COMMITTED.read_text().replace("> 0.1", "> 0.9")
    (tmp_path / COMMITTED.name).write_text(rules)
    shutil.copy(CASES, tmp_path)
    with pytest.raises(AssertionError, match="TestFailureRateHigh"):
        check(tools / "promtool", "test", "rules", CASES.name, cwd=tmp_path)


def test_alertmanager_takes_the_routes(tools, tmp_path):
    file = tmp_path / "alertmanager.yml"
    told = ["--email", "lab@example.org", "--smarthost", "mail.example.org:25"]
    told += ["--webhook", "http://127.0.0.1:9/alerts", "--chat", "https://chat.example.org/hook"]
    assert main(["alerts", "--routes", str(file), *told]) == 0
    assert "1 receivers" in check(tools / "amtool", "check-config", file)


class Webhook(http.server.BaseHTTPRequestHandler):
    """Keeps the alerts that it is told of."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.alerts += body["alerts"]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def webhook():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as server:
        server.alerts = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    static_configs: [{{targets: ["127.0.0.1:{gateway}"]}}]
"""


def test_a_failing_job_becomes_a_call_of_the_webhook(tools, tmp_path, webhook):
    ports = {name: free_port() for name in ("prometheus", "alertmanager", "gateway")}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    (tmp_path / "prometheus.yml").write_text(PROMETHEUS.format(rules=COMMITTED, **ports))
    to = f"http://127.0.0.1:{webhook.server_port}/"
    routes = tmp_path / "alertmanager.yml"
    assert main(["alerts", "--routes", str(routes), "--webhook", to, "--wait", "0s"]) == 0
    gateway = [
        tools / "prometheus-pushgateway",
        f"--web.listen-address=127.0.0.1:{ports['gateway']}",
    ]
    alertmanager = [
        *(
            tools / "prometheus-alertmanager",
            f"--config.file={routes}",
            "--cluster.listen-address=",
        ),
        *(
            f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
            f"--storage.path={tmp_path}/am",
        ),
    ]
    prometheus = [
        *(tools / "prometheus", f"--config.file={tmp_path}/prometheus.yml"),
        f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
        f"--storage.tsdb.path={tmp_path}/data",
    ]
    with (
        running(gateway, f"{urls['gateway']}/-/ready", tmp_path / "gateway.log"),
        running(
            with_its_files(tools, alertmanager),
            f"{urls['alertmanager']}/-/ready",
            tmp_path / "alertmanager.log",
        ),
        running(prometheus, f"{urls['prometheus']}/-/ready", tmp_path / "prometheus.log"),
    ):
        jobs = list(make_demo(tmp_path / "jobs", 12, 1, date.today()))
        db = tmp_path / "h.sqlite"
        assert main(["ingest", "--db", str(db), *map(str, jobs)]) == 0
        told = ["--push", urls["gateway"], "--db", str(db), "--recent", "2"]
        assert main(["metrics", *told, *map(str, jobs)]) == 0
        wait_until(lambda: named(webhook, "NewFinding"), "the webhook is told of a new finding")
    [alert, *_] = named(webhook, "NewFinding")
    assert alert["status"] == "firing"
    assert re.match(r"\d new findings; vexfs-results flakes", alert["annotations"]["description"])
    assert not named(webhook, "GuestStartFailing")


def named(server, name):
    return [alert for alert in server.alerts if alert["labels"]["alertname"] == name]
