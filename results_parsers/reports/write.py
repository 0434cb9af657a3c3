"""The files of a report, whole or not at all."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from results_parsers.job import JobResult
from results_parsers.reports.html import render_jobs
from results_parsers.reports.job_report import ShownJob, show_job

HTML_NAME, JSON_NAME = "report.html", "report.json"


def write_report(job: JobResult, folder: Path) -> None:
    """Write both files about a job into a folder. Raises ``ResultsError``, ``OSError``."""
    shown = show_job(job, folder)
    write_text(folder / JSON_NAME, to_json([shown]))
    write_text(folder / HTML_NAME, render_jobs([shown], f"Test report {job.job_id[:7]}"))


def to_json(jobs: Sequence[ShownJob]) -> str:
    """The same for programs."""
    return json.dumps([asdict(job) for job in jobs], indent=1) + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a file by way of a temporary one beside it."""
    write_bytes(path, text.encode(errors="replace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file by way of a temporary one beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
