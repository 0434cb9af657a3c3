"""Where metrics go: a text file for node-exporter's collector, or a Pushgateway."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from results_parsers.errors import ResultsError, UsageError
from results_parsers.reports.write import write_text

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

JOB = "vexfs"
"""The label ``job`` of what is pushed."""


def check_textfile(path: Path) -> Path:
    """Raises ``UsageError`` for a name that node-exporter would not read."""
    if path.suffix != ".prom":
        raise UsageError(f"textfile = {path}: node-exporter reads *.prom only")
    return path


def check_gateway(url: str) -> str:
    """Raises ``UsageError`` for what is no address of a Pushgateway."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"push = {url!r}; an http or https URL is allowed")
    return url


def write_textfile(registry: "CollectorRegistry", path: Path) -> None:
    """Write the metrics by way of a temporary file. Raises ``OSError``."""
    from prometheus_client import generate_latest

    write_text(path, generate_latest(registry).decode())


def push(
    registry: "CollectorRegistry", url: str, *, timeout_s: float, replace: bool = True
) -> None:
    """Push the metrics; without ``replace`` those of other names that are there stay.

    Raises ``ResultsError``.
    """
    from prometheus_client import push_to_gateway, pushadd_to_gateway

    call = push_to_gateway if replace else pushadd_to_gateway
    try:
        call(url, job=JOB, registry=registry, timeout=timeout_s)
    except (OSError, ValueError) as error:
        raise ResultsError(f"push = {url}: {error}") from error
