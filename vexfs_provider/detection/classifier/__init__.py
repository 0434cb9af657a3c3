"""Probabilities from a small trained model. Rules stay authoritative; this only grades their words.

``confidence`` is of a report that a rule found: whether the kernel printed it about itself now, and
nobody quotes it. ``suspicion`` is of a console on which no rule fires: whether it is wrong all the
same. What they were trained on, and how well they do, says docs/model-card.md; ``verb`` trains.
"""

from typing import NamedTuple

from vexfs_provider.detection.classifier.console_form import SIGNS, console_features
from vexfs_provider.detection.classifier.model import ModelError, shipped
from vexfs_provider.detection.classifier.report_form import report_features
from vexfs_provider.detection.report import Report
from vexfs_provider.detection.verdict import SURE

__all__ = ["ModelError", "Suspicion", "confidence", "graded", "suspicion"]

_REASONS = 3  # lines that are shown for a suspicion


class Suspicion(NamedTuple):
    """How likely a console without report is wrong, and the lines that speak most for it."""

    probability: float
    lines: tuple[str, ...]


def confidence(report: Report, text: bytes) -> float:
    """How likely the report is the kernel's own; ``text`` is its begin, a few kilobytes do.

    Raises ``ModelError`` if the weights cannot be loaded, and nothing for any bytes.
    """
    return shipped().report.probability(report_features(report, text))


def graded(report: Report, text: bytes) -> float:
    """The confidence of what a rule found: the model's, but a rule's word is never below ``SURE``.

    So the model cannot turn a failure into a warning; it can only say which to look at first.
    """
    return max(SURE, confidence(report, text))


def suspicion(console: bytes) -> Suspicion:
    """How likely the console is wrong though no rule fires; of a large one its ``Sample`` counts.

    Raises ``ModelError`` if the weights cannot be loaded, and nothing for any bytes.
    """
    values, shown = console_features(console)
    logistic = shipped().console
    pulls = {
        name: weight * value
        for name, weight, value in zip(SIGNS, logistic.weights, values, strict=True)
        if weight * value > 0 and name in shown
    }
    strongest = sorted(pulls, key=lambda name: -pulls[name])
    lines = dict.fromkeys(line for name in strongest for line in shown[name])
    return Suspicion(logistic.probability(values), tuple(lines)[:_REASONS])
