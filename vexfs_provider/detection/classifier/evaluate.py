"""How well the rules and the model together do on a labelled folder that neither was made from."""

import json
from pathlib import Path

from vexfs_provider.detection.classifier.calibration import calibration_error
from vexfs_provider.detection.classifier.console_form import console_features
from vexfs_provider.detection.classifier.corpus import LABELS, samples
from vexfs_provider.detection.classifier.model import Model, shipped
from vexfs_provider.detection.classifier.report_form import report_features
from vexfs_provider.detection.report import first_crash, reports
from vexfs_provider.detection.verdict import SURE


def crash_probability(log: bytes, weights: Model | None = None) -> float:
    """How likely the log tells of a crash, as ``vexfs-detect --json`` says it.

    Of a report that a rule found at least ``SURE``, else how suspicious the console is.
    """
    weights = weights or shipped()
    found = first_crash(reports(log))
    if found is None:
        return weights.console.probability(console_features(log)[0])
    features = report_features(found, log[found.start : found.end])
    return max(SURE, weights.report.probability(features))


def evaluation(folder: Path, weights: Model) -> str:
    """A line of figures. Labels as of ``corpus build``, or of the corpus of syzkaller's logs.

    Logs about which reasonable people differ (``arguable``) are left out. Raises ``UsageError`` for
    a folder that is no corpus.
    """
    left_out = _left_out(folder)
    judged = [
        (crash_probability(sample.log(), weights), sample.crash)
        for sample in samples(folder)
        if sample.id not in left_out
    ]
    error = calibration_error([p for p, _ in judged], [crash for _, crash in judged])
    found = [crash for p, crash in judged if p >= SURE]
    crashes = sum(crash for _, crash in judged)
    precision = sum(found) / len(found) if found else 1.0
    recall = sum(found) / crashes if crashes else 1.0
    return (
        f"{folder}: {len(judged)} logs, {crashes} with a crash: precision {precision:.3f}, "
        f"recall {recall:.3f}, expected calibration error {error:.4f}"
    )


def _left_out(folder: Path) -> set[str]:
    if not (folder / LABELS).is_file():
        return set()
    labels = map(json.loads, (folder / LABELS).read_text().splitlines())
    return {str(label["id"]) for label in labels if label.get("arguable")}
