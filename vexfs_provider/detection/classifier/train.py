"""Training: the same corpus and seed give the same bytes.

Figures are of held-out data in the strict sense: the corpus is cut into parts by the class of
crash, and benign consoles by their origin; each part is judged by a model that has seen neither its
classes of crashes nor its consoles. The scale that makes logits of unseen classes calibrated
(Platt's) is fitted on all other parts; the final model is trained on everything.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vexfs_provider.detection.classifier import console_form, report_form
from vexfs_provider.detection.classifier.calibration import Bin, calibration_error, reliability
from vexfs_provider.detection.classifier.corpus import Sample, check_size, key_of
from vexfs_provider.detection.classifier.examples import Example, examples_of
from vexfs_provider.detection.classifier.fit import (
    Array,
    Rows,
    calibrated,
    fit,
    logits,
    probabilities,
    rows_of,
)
from vexfs_provider.detection.classifier.model import FEATURES, VERSION, Logistic
from vexfs_provider.detection.verdict import SURE
from vexfs_provider.errors import UsageError
from vexfs_provider.progress import Progress

PARTS = 5
SHARES = {"report": 0.99, "console": 0.1}
"""How many of what is asked about are crashes: of reports that a rule found nearly all (the rules
raise no false alarm on any log that we know), of consoles without report only what rules miss."""

_SIGNS = {"report": report_form.SIGNS, "console": console_form.SIGNS}
_MILD = 1e-6


@dataclass(frozen=True)
class Figures:
    """What held-out data say; precision and recall at the threshold ``SURE``."""

    crashes: int
    others: int
    precision: float
    recall: float
    false_alarms: float
    calibration_error: float
    ranking: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Trained:
    """Both regressions, their held-out figures, and what they were trained on."""

    regressions: dict[str, Logistic]
    figures: dict[str, Figures]
    families: dict[str, int]
    corpus: str
    seed: int
    unseen: int
    alarms: int


def train(known: list[Sample], seed: int, progress: Progress) -> Trained:
    """Train on a corpus. Raises ``UsageError`` naming what it has too little of."""
    check_size(known)
    made = examples_of(known, seed, progress)
    families = Counter(example.family for example in made.console if example.family)
    if len(families) < PARTS:
        raise UsageError(
            f"corpus has {len(families)} classes of crashes ({', '.join(sorted(families))}), at "
            f"least {PARTS} are needed; make more: avocado vexfs corpus build"
        )
    regressions, figures = {}, {}
    for name, examples in (("report", made.report), ("console", made.console)):
        with progress.task(f"training the model of a {name}"):
            regressions[name], figures[name] = _train_one(name, examples, seed)
    return Trained(
        regressions, figures, dict(families), key_of(known), seed, made.unseen, made.alarms
    )


def _train_one(name: str, examples: Sequence[Example], seed: int) -> tuple[Logistic, Figures]:
    if len({example.crash for example in examples}) < 2:
        raise UsageError(f"corpus gives examples of one answer only for the model of a {name}")
    signs = list(_SIGNS[name].values())
    rows = rows_of(examples, SHARES[name])
    parts = parts_of(examples, seed)
    held_out = np.zeros(len(examples))
    for part in sorted(set(parts)):
        inside = parts == part
        held_out[inside] = logits(fit(_some(rows, ~inside), signs), rows.features[inside])
    answers = np.zeros(len(examples))
    for part in sorted(set(parts)):  # no logit takes part in the choice of its own scale
        inside = parts == part
        scale = _scale(held_out[~inside], _some(rows, ~inside))
        answers[inside] = probabilities(scale, held_out[inside, None])
    final = calibrated(fit(rows, signs), _scale(held_out, rows))
    return final, figures_of(answers, rows)


def parts_of(examples: Sequence[Example], seed: int) -> Array:
    """The part of each example: families in turn by their size, benign ones by their group.

    What a crash's log gives stays with it, quotations and its guest's boot too.
    """
    sizes = Counter(example.family for example in examples if example.family)
    order = sorted(sizes, key=lambda family: (-sizes[family], family))
    place = {family: number % PARTS for number, family in enumerate(order)}
    return np.array(
        [
            place[example.family] if example.family else _hash(f"{seed} {example.group}") % PARTS
            for example in examples
        ],
        dtype=float,
    )


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _some(rows: Rows, inside: Array) -> Rows:
    """Some rows, with the shares of both answers as before."""
    weights = rows.weights[inside].copy()
    crash = rows.crash[inside]
    for answer in (0.0, 1.0):
        mine = crash == answer
        before = rows.weights[rows.crash == answer].sum()
        weights[mine] *= before / max(weights[mine].sum(), 1e-12)
    return Rows(rows.features[inside], crash, weights)


def _scale(values: Array, rows: Rows) -> Logistic:
    return fit(Rows(values[:, None], rows.crash, rows.weights), [1], _MILD)


def figures_of(answers: Array, rows: Rows) -> Figures:
    """How good probabilities are, with the rows' weights."""
    crash, sure = rows.crash == 1.0, answers >= SURE
    found = float(rows.weights[crash & sure].sum())
    wrong = float(rows.weights[~crash & sure].sum())
    outcomes, weights = crash.tolist(), rows.weights.tolist()
    return Figures(
        crashes=int(crash.sum()),
        others=int((~crash).sum()),
        precision=found / (found + wrong) if found + wrong else 1.0,
        recall=found / float(rows.weights[crash].sum()),
        false_alarms=wrong / float(rows.weights[~crash].sum()),
        calibration_error=calibration_error(answers.tolist(), outcomes, weights),
        ranking=_ranking(answers, rows),
        bins=tuple(reliability(answers.tolist(), outcomes, weights)),
    )


def _ranking(answers: Array, rows: Rows) -> float:
    """The share of pairs of a crash and another in which the crash has the higher answer."""
    order = np.argsort(answers, kind="stable")
    values, crash, weights = answers[order], rows.crash[order] == 1.0, rows.weights[order]
    lower = np.concatenate([[0.0], np.cumsum(np.where(crash, 0.0, weights))])
    first = np.searchsorted(values, values[crash], side="left")
    last = np.searchsorted(values, values[crash], side="right")
    pairs = weights[crash] * (lower[first] + lower[last]) / 2
    return float(pairs.sum() / (weights[crash].sum() * weights[~crash].sum()))


def save(trained: Trained, path: Path) -> None:
    """Write the weights; ``model.load`` reads them."""
    about = {
        "version": VERSION,
        "features": {name: list(FEATURES[name]) for name in FEATURES},
        "corpus": trained.corpus,
        "seed": trained.seed,
    }
    text = json.dumps(about, sort_keys=True).encode()
    arrays = {
        name: np.array([one.bias, *one.weights], dtype="<f8")
        for name, one in trained.regressions.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, about=np.frombuffer(text, dtype=np.uint8), **arrays)  # type: ignore[arg-type]
