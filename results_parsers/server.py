"""A small server of what the history has: pages for people, metrics for Prometheus.

It only reads, but for ``POST /alerts``, which keeps what Alertmanager tells of, if wanted.
"""

import http.server
import json
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from results_parsers.errors import ResultsError, UsageError
from results_parsers.history import open_history
from results_parsers.history.alerts import keep_alerts
from results_parsers.history.findings import count_verdicts
from results_parsers.history.log_templates import count_new_templates
from results_parsers.history.stored import find_job, latest_jobs
from results_parsers.metrics.families import register
from results_parsers.reports.html import render_digest, render_jobs
from results_parsers.reports.job_report import show_job

LARGEST_BODY = 1 << 20
LARGEST_DROPPED = 16 << 20
JOBS_TOLD = 30  # those whose tests are in the metrics
NIGHTS = 30
HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
# A page has its styles in itself, and nothing else is needed.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Server(http.server.ThreadingHTTPServer):
    """Serves the history in ``db``; with ``keep`` it keeps alerts there."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], db: Path, *, keep: bool):
        super().__init__(address, Handler)
        self.db = db
        self.keep = keep


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    server_version = "vexfs-results"
    timeout = 30.0  # seconds of silence
    sys_version = ""

    def do_GET(self) -> None:
        """``/``, ``/jobs/ID``, ``/metrics`` and ``/healthz``."""
        path = urlsplit(self.path).path
        try:
            if path == "/healthz":
                self._healthz()
            elif path == "/metrics":
                self._metrics()
            elif path == "/":
                self._digest()
            elif path.startswith("/jobs/") and len(path) > len("/jobs/"):
                self._job(path.removeprefix("/jobs/"))
            else:
                self._say(HTTPStatus.NOT_FOUND, "there are: /, /jobs/ID, /metrics, /healthz\n")
        except ResultsError as error:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n")

    def do_POST(self) -> None:
        """``/alerts``, of Alertmanager."""
        if urlsplit(self.path).path != "/alerts" or not self.server.keep:
            self._say(HTTPStatus.NOT_FOUND, "nothing is kept here\n")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self._drop(int(length) if length.isdecimal() else 0)
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {LARGEST_BODY} bytes\n")
            return
        try:
            document = json.loads(self.rfile.read(int(length)))
            with open_history(self.server.db) as history:
                count = keep_alerts(history, document)
        except (ValueError, RecursionError, UsageError) as error:
            self._say(HTTPStatus.BAD_REQUEST, f"{error}\n")
        except ResultsError as error:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n")
        else:
            self._say(HTTPStatus.OK, f"{count} kept\n")

    def _drop(self, length: int) -> None:
        """Read a body for nothing: who still sends when the connection ends hears no answer."""
        left = min(length, LARGEST_DROPPED)
        while left > 0 and (data := self.rfile.read(min(left, LARGEST_BODY))):
            left -= len(data)

    def _healthz(self) -> None:
        with open_history(self.server.db) as history:
            history.connection.execute("SELECT 1 FROM jobs LIMIT 1").fetchone()
        self._say(HTTPStatus.OK, "ok\n")

    def _metrics(self) -> None:
        with open_history(self.server.db) as history:
            jobs = latest_jobs(history, JOBS_TOLD)
            judged = (
                (count_verdicts(history, 1), count_new_templates(history, recent=1)) if jobs else ()
            )
            registry = register(jobs, *judged)
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        self._send(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry))

    def _digest(self) -> None:
        from results_parsers.reports.digest import make_digest

        with open_history(self.server.db) as history:
            digest = make_digest(history, nights=NIGHTS, recent=1)
        self._say(HTTPStatus.OK, render_digest(digest, "Digest of the tests"), HTML)

    def _job(self, beginning: str) -> None:
        with open_history(self.server.db) as history:
            job = find_job(history, beginning)
        if job is None:
            self._say(HTTPStatus.NOT_FOUND, "no job, or more than one, has an id that begins so\n")
            return
        shown = show_job(job, job.folder, with_logs=False)
        self._say(HTTPStatus.OK, render_jobs([shown], f"Test report {job.job_id[:7]}"), HTML)

    def _say(self, status: HTTPStatus, text: str, kind: str = TEXT) -> None:
        self._send(status, kind, text.encode(errors="replace"))

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)
