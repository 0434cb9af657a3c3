"""Real console logs, where the labelled corpus is at hand; it is no part of the project."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from vexfs_provider.detection import Finding, scan

CORPUS = Path(
    os.environ.get("VEXFS_CORPUS") or Path(__file__).resolve().parents[2] / "../shared/corpus"
)
pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"no corpus of crash logs in {CORPUS}; set VEXFS_CORPUS"
)

# Not crashes of the kernel: the corpus labels them negative or as a matter of opinion.
BESIDE = ("oom", "block-io")

Labelled = list[tuple[dict[str, Any], list[Finding]]]


def scanned(folder: str) -> Labelled:
    labels = (CORPUS / folder / "labels.jsonl").read_text().splitlines()
    pairs = []
    for label in map(json.loads, labels):
        log = CORPUS / folder / Path(label["file"]).name
        findings = scan(log.read_bytes())
        pairs.append((label, [f for f in findings if f.kind not in BESIDE]))
    return pairs


@pytest.fixture(scope="module")
def crashes() -> Labelled:
    return [
        (label, findings)
        for label, findings in scanned("crashlogs")
        if label["crash"] and label["scope"] == "kernel"
    ]


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def test_recall(crashes: Labelled) -> None:
    assert share([bool(findings) for _, findings in crashes]) >= 0.97  # measured: 0.979


def test_first_title(crashes: Labelled) -> None:
    right = [
        bool(findings) and findings[0].title in [label["title"], *(label["alt_titles"] or ())]
        for label, findings in crashes
    ]
    assert share(right) >= 0.78  # measured: 0.790


def test_frame(crashes: Labelled) -> None:
    right = [bool(f) and f[0].frame == label["frame"] for label, f in crashes]
    assert share(right) >= 0.78  # measured: 0.794


@pytest.mark.parametrize("folder", ["bootlogs", "crashlogs"])
def test_no_false_alarm(folder: str) -> None:
    alarms = [
        (label["id"], [finding.title for finding in findings])
        for label, findings in scanned(folder)
        if findings and not label["crash"] and not label["arguable"]
    ]
    assert alarms == []
