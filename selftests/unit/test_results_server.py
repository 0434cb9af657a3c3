"""The server tells what the history has, changes nothing but by alerts, and ends when told to."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from datetime import date

import pytest
from prometheus_client.parser import text_string_to_metric_families

from results_parsers.command import main
from results_parsers.demo import make_demo
from results_parsers.history import ingest_all, open_history
from results_parsers.history.stored import find_job, latest_jobs
from results_parsers.reader import read_job
from results_parsers.server import LARGEST_BODY, Server

NIGHTS = 15
ALERT = {
    "status": "firing",
    "labels": {"alertname": "NewFinding", "severity": "critical"},
    "annotations": {"summary": "one"},
    "startsAt": "2026-11-23T02:00:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "fingerprint": "abc",
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    return [read_job(path) for path in make_demo(folder, NIGHTS, 1, date.today())]


@pytest.fixture
def db(tmp_path, jobs):
    path = tmp_path / "h.sqlite"
    with open_history(path, create=True) as history:
        ingest_all(history, jobs)
    return path


@pytest.fixture
def serve(db):
    """``serve(keep=…)``: a server of the history; the address that it answers at."""
    servers = []

    def start(*, keep=False):
        server = Server(("127.0.0.1", 0), db, keep=keep)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(url, data=None, method=None):
    """The status, the headers and the text of an answer."""
    request = urllib.request.Request(url, data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def test_a_stored_job_is_what_was_read(db, jobs):
    with open_history(db) as history:
        [last] = latest_jobs(history, 1)
        assert find_job(history, "zz") is None
        assert find_job(history, "") is None
    assert last.job_id == jobs[-1].job_id
    assert [test.record for test in last.tests] == [test.record for test in jobs[-1].tests]
    assert [test.short_name for test in last.tests] == [t.short_name for t in jobs[-1].tests]


def test_metrics_can_be_scraped(serve):
    status, headers, text = ask(f"{serve()}/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=")
    names = {family.name for family in text_string_to_metric_families(text)}
    assert {"test_success_rate", "finding_verdicts", "last_job_start_time_seconds"} <= names


def test_pages_for_people(serve, jobs):
    base = serve()
    status, headers, text = ask(f"{base}/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Digest of the tests" in text
    status, _, text = ask(f"{base}/jobs/{jobs[-1].job_id[:10]}")
    assert status == 200
    assert "vexfs.level1.mount_cycle.on_xfs" in text


def test_what_there_is_not(serve):
    base = serve()
    assert ask(f"{base}/healthz")[0::2] == (200, "ok\n")
    assert ask(f"{base}/../../etc/passwd")[0] == 404
    assert ask(f"{base}/jobs/%2e%2e")[0] == 404
    assert ask(f"{base}/jobs/")[0] == 404
    assert ask(f"{base}/", method="DELETE")[0] == 501
    assert ask(f"{base}/alerts", data=b"{}")[0] == 404


def test_a_history_that_is_gone_is_said(serve, db):
    base = serve()
    db.unlink()
    status, _, text = ask(f"{base}/healthz")
    assert status == 503
    assert "no history there" in text


def post(base, *alerts):
    return ask(f"{base}/alerts", data=json.dumps({"version": "4", "alerts": alerts}).encode())


def test_alerts_are_kept_and_end(serve, db):
    base = serve(keep=True)
    assert post(base, ALERT)[0::2] == (200, "1 kept\n")
    ended = {**ALERT, "status": "resolved", "endsAt": "2026-11-23T03:00:00Z"}
    later = {**ALERT, "startsAt": "2026-11-24T02:00:00Z"}
    assert post(base, ended, later)[0] == 200
    with open_history(db) as history:
        rows = history.connection.execute(
            "SELECT started, ended, status, name FROM alerts ORDER BY started"
        )
        assert [tuple(row) for row in rows] == [
            ("2026-11-23T02:00:00Z", "2026-11-23T03:00:00Z", "resolved", "NewFinding"),
            ("2026-11-24T02:00:00Z", None, "firing", "NewFinding"),
        ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"alerts": [{}]}', b'{"alerts": 3}', b"[" * 50_000]
)
def test_what_is_no_alert_is_refused_and_nothing_is_kept(serve, db, body):
    assert ask(f"{serve(keep=True)}/alerts", data=body)[0] == 400
    with open_history(db) as history:
        assert history.connection.execute("SELECT count(*) FROM alerts").fetchone()[0] == 0


def test_a_huge_body_is_not_kept(serve):
    assert ask(f"{serve(keep=True)}/alerts", data=b"x" * (LARGEST_BODY + 1))[0] == 413


def test_the_command_ends_with_a_signal(db):
    command = [sys.executable, "-m", "results_parsers.command", "serve", "--port", "0"]
    with subprocess.Popen([*command, "--db", db], stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            assert ask(f"{url}healthz")[0] == 200
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_wrong_use_is_named(db, capsys):
    assert main(["serve", "--db", str(db), "--port", "70000"]) == 2
    assert main(["serve", "--db", str(db.with_name("none"))]) == 3
    assert "no history there" in capsys.readouterr().err
    assert main(["serve", "--db", str(db), "--address", "192.0.2.1", "--port", "0"]) == 3
    assert "192.0.2.1" in capsys.readouterr().err
