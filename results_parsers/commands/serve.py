"""Serve the history: a digest at /, reports at /jobs/ID, /metrics and /healthz.

It reads only; with --keep-alerts it keeps what Alertmanager posts to /alerts. Ends with SIGTERM or
Ctrl-C.
"""

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING

from results_parsers.commands.options import add_db, needs_numbers
from results_parsers.errors import ResultsError, UsageError
from results_parsers.history import open_history

if TYPE_CHECKING:
    from results_parsers.server import Server

PORT = 9847


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", default="127.0.0.1", help="default: 127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT, help=f"0: any (default: {PORT})")
    parser.add_argument(
        "--keep-alerts", action="store_true", help="store what is posted to /alerts"
    )
    add_db(parser)


def run(options: argparse.Namespace) -> int:
    if not 0 <= options.port <= 65535:
        raise UsageError(f"--port = {options.port}; allowed: 0 to 65535")
    with needs_numbers():
        from results_parsers.server import Server
    with open_history(options.db):
        pass  # what is wrong with it is said now
    try:
        server = Server((options.address, options.port), options.db, keep=options.keep_alerts)
    except OSError as error:
        where = f"--address = {options.address}, --port = {options.port}"
        raise ResultsError(f"{where}: {error.strerror or error}") from error
    with server:
        _end_on_signals(server)
        print(f"http://{options.address}:{server.server_port}/", flush=True)
        server.serve_forever()
    print("ended", file=sys.stderr)
    return 0


def _end_on_signals(server: "Server") -> None:
    def end(*_: object) -> None:
        # From the thread that serves, it would wait for itself.
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
