"""The model card: what the model is for, what it was trained on, how well it does, where not."""

from textwrap import fill

from vexfs_provider.detection.classifier.model import FEATURES, VERSION, Logistic
from vexfs_provider.detection.classifier.train import PARTS, SHARES, Figures, Trained
from vexfs_provider.detection.verdict import SURE

_WIDTH = 100
_QUESTIONS = {
    "report": "Is a report that a rule found the kernel's own?",
    "console": "Is a console without any report wrong all the same?",
}

_TEXT = """\
# Model card: the crash classifier

Written by `avocado vexfs corpus train`; do not edit.
Version {version}, seed {seed}, corpus `{corpus}`.

## What it is

Two logistic regressions of a few dozen features each, in `classifier/weights.npz`. Rules decide
what is a crash; the model grades. `confidence` of a finding is the probability that the report is
the kernel's own and no quotation, but never below {sure}: a rule's word stands. `suspicion` of a
console without report is the probability that something crashed under a header that no rule knows;
`vexfs-detect --rank` sorts by it. The features are structure (stacks, registers, taint, banners,
stamps) and words such as "corruption", not single messages, and most may count in one direction
only. Inference is plain Python: to import numpy, which only training needs, takes a third of the
time that `vexfs-detect` may take for a small log.

## Data

Consoles that `avocado vexfs corpus build` recorded from crashes provoked in guests and from guests
that did not crash; no log of others. Classes of crashes, with the number of examples:
{families}.

For `report`, a crash's header is also quoted: a program prints it, alone or with what follows, or a
line is cut in half. For `console`, headers of reports are removed, or replaced by words that no
kernel prints; logs are also cut to the report, and broken off in it. {unseen} labelled crashes were
not found by a rule, and rules fired on {alarms} logs labelled as no crash.

Answers are weighted so that every origin counts once, so that of found reports {report_share:.0%}
are real and of consoles without report {console_share:.0%} are wrong. These shares are assumptions:
where they differ, so does the calibration.

## Held-out figures

The corpus is cut into {parts} parts by class of crash, and benign consoles by origin. Each part is
judged by a model that has seen neither its classes nor its consoles. Threshold {sure}.

{figures}

## Limits

- A quotation with stamps and stack, such as an old log sent through `/dev/kmsg`, and any quotation
  on a console without stamps look like the real thing.
- A message that stands alone, without stack or registers, is not suspicious if no rule knows it.
- Of a console of more than a mebibyte, only the first quarter of one and the last three quarters of
  one are looked at for suspicion.
- Trained on x86-64 consoles of a few kernels; the forms of other processors are known to the
  features, but were not in the data.
- A stack that the kernel prints for a reason that `marks.REASONS` does not know is suspicious.

## How to reproduce

    avocado vexfs corpus build --out FOLDER
    avocado vexfs corpus train --corpus FOLDER --seed {seed}

The same corpus and seed give the same bytes. A corpus built anew differs in addresses and times.

## Weights

{weights}
"""


def text(trained: Trained) -> str:
    """The card, as Markdown."""
    families = sorted(trained.families.items(), key=lambda item: (-item[1], item[0]))
    return _TEXT.format(
        version=VERSION,
        seed=trained.seed,
        corpus=trained.corpus,
        sure=SURE,
        families=fill(", ".join(f"{name} ({count})" for name, count in families), _WIDTH),
        unseen=trained.unseen,
        alarms=trained.alarms,
        report_share=SHARES["report"],
        console_share=SHARES["console"],
        parts=PARTS,
        figures="\n\n".join(_figures(name, trained.figures[name]) for name in _QUESTIONS),
        weights="\n\n".join(_weights(trained, name) for name in _QUESTIONS),
    )


def summary(trained: Trained) -> str:
    """The held-out figures, a line for each question."""
    return "\n".join(
        f"{name}: held out {one.crashes} crashes, {one.others} others: precision "
        f"{one.precision:.3f}, recall {one.recall:.3f}, false alarms {one.false_alarms:.3f}, "
        f"expected calibration error {one.calibration_error:.4f}, ranking {one.ranking:.3f}"
        for name, one in trained.figures.items()
    )


def _figures(name: str, one: Figures) -> str:
    rows = "\n".join(
        f"| {each.low:.1f}-{each.low + 0.1:.1f} | {each.weight:.4f} | {each.predicted:.3f} "
        f"| {each.true:.3f} |"
        for each in one.bins
    )
    return (
        f"### {_QUESTIONS[name]}\n\n"
        + fill(
            f"{one.crashes} examples of crashes, {one.others} of none (weighted, see above): "
            f"precision {one.precision:.3f}, recall {one.recall:.3f}, false alarms "
            f"{one.false_alarms:.3f} of the others, expected calibration error "
            f"{one.calibration_error:.4f}; a crash is ranked above another in {one.ranking:.3f} of "
            "all pairs.",
            _WIDTH,
        )
        + "\n\n"
        + "| probability | weight | mean predicted | true |\n| --- | --- | --- | --- |\n"
        + rows
    )


def _weights(trained: Trained, name: str) -> str:
    one: Logistic = trained.regressions[name]
    rows = sorted(zip(FEATURES[name], one.weights, strict=True), key=lambda row: -abs(row[1]))
    lines = "\n".join(f"| {feature} | {weight:+.3f} |" for feature, weight in rows if weight)
    return (
        f"### {name}\n\n| feature | weight |\n| --- | --- |\n| (bias) | {one.bias:+.3f} |\n{lines}"
    )
