"""Training the classifier: what it is trained on, that it can be repeated, what is refused."""

import argparse
import random

import classifier_logs as logs
import pytest

from vexfs_provider.detection import first_crash, reports
from vexfs_provider.detection.classifier.calibration import calibration_error, reliability
from vexfs_provider.detection.classifier.disguise import (
    around,
    crashes_in,
    quoted,
    window,
    without_headers,
)
from vexfs_provider.detection.classifier.model import load
from vexfs_provider.detection.classifier.verb import run_train
from vexfs_provider.errors import InfrastructureError, UsageError
from vexfs_provider.plugins_avocado.verbs import corpus as corpus_verb
from vexfs_provider.progress import SILENT

numpy = pytest.importorskip("numpy", reason="numpy is needed for training: the extra 'ml'")

from vexfs_provider.detection.classifier.examples import Example  # noqa: E402 - as numpy
from vexfs_provider.detection.classifier.fit import Rows, fit  # noqa: E402
from vexfs_provider.detection.classifier.train import PARTS, parts_of  # noqa: E402

CONSOLE = logs.BOOT + logs.report()
REPORT = crashes_in(CONSOLE)[0]


def train(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    corpus_verb.configure(parser)
    return run_train(parser.parse_args(["train", *map(str, arguments)]), SILENT)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return logs.write_corpus(tmp_path_factory.mktemp("corpus") / "made")


def test_the_same_corpus_gives_the_same_bytes(corpus, tmp_path, capsys) -> None:
    for name in ("a", "b"):
        out = tmp_path / name / "weights.npz"
        assert train("--corpus", corpus, "--out", out, "--evaluate", corpus) == 0
    told = capsys.readouterr().out
    assert "expected calibration error" in told and "precision 1.000, recall 1.000" in told
    first, second = (tmp_path / name for name in ("a", "b"))
    for file in ("weights.npz", "model-card.md"):
        assert (first / file).read_bytes() == (second / file).read_bytes()
    card = (first / "model-card.md").read_text()
    assert load(first / "weights.npz").about["corpus"] in card
    assert "| probability | weight | mean predicted | true |" in card


def test_a_corpus_too_small_is_refused_and_says_of_what(tmp_path) -> None:
    small = logs.write_corpus(tmp_path / "small", each=1)
    with pytest.raises(UsageError) as caught:
        train("--corpus", small, "--out", tmp_path / "weights.npz")
    assert "7 groups of logs with a crash, at least 20 are needed" in str(caught.value)
    assert "avocado vexfs corpus build" in str(caught.value)
    assert not (tmp_path / "weights.npz").exists()


def test_what_is_no_corpus_is_refused(tmp_path) -> None:
    with pytest.raises(UsageError, match=r"no corpus in .*labels\.jsonl"):
        train("--corpus", tmp_path)
    (tmp_path / "labels.jsonl").write_text('{"id": "a"}\n')
    with pytest.raises(UsageError, match=r"line 1 of labels\.jsonl is no label"):
        train("--corpus", tmp_path)
    (tmp_path / "labels.jsonl").write_text('{"id": "a", "file": "logs/a.log", "crash": true}\n')
    with pytest.raises(UsageError, match="too small"):
        train("--corpus", tmp_path)


def test_weights_that_cannot_be_written_are_told(corpus, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InfrastructureError, match="cannot write"):
        train("--corpus", corpus, "--out", tmp_path / "file" / "weights.npz")


@pytest.mark.parametrize("seed", range(10))
def test_a_console_without_headers_has_no_report_but_its_stack(seed: int) -> None:
    bare = without_headers(CONSOLE, random.Random(seed))
    assert bare is not None and crashes_in(bare) == []
    assert b"entry_SYSCALL_64_after_hwframe" in bare


@pytest.mark.parametrize("seed", range(10))
def test_a_quotation_is_what_was_before_the_crash_and_words(seed: int) -> None:
    console = quoted(CONSOLE, REPORT, random.Random(seed))
    assert set(logs.BOOT.splitlines()) <= set(console.splitlines())
    assert len(console) > len(logs.BOOT)


@pytest.mark.parametrize("seed", range(10))
def test_a_part_around_a_report_still_has_it(seed: int) -> None:
    part = around(CONSOLE, REPORT, random.Random(seed))
    found = first_crash(reports(part))
    assert found is not None and found.kind == REPORT.kind
    assert window(logs.BOOT, random.Random(seed)) in logs.BOOT


def test_a_class_of_crashes_is_in_one_part_only() -> None:
    examples = [
        Example((), True, f"{family}-{number}", family) for family in "abcdefg" for number in "123"
    ]
    benign = [Example((), False, f"benign-{number}", "") for number in range(60)]
    parts = parts_of([*examples, *benign], seed=1)
    assert set(parts) == set(range(PARTS))
    for first in range(0, len(examples), 3):
        assert len(set(parts[first : first + 3])) == 1
    assert set(parts[len(examples) :]) == set(range(PARTS))


def test_weights_keep_their_sign() -> None:
    chance = numpy.random.default_rng(1)
    features = chance.normal(size=(400, 3))
    crash = (features[:, 0] - features[:, 1] - features[:, 2] > 0).astype(float)
    found = fit(Rows(features, crash, numpy.full(400, 1 / 400)), [1, 1, 0])
    assert found.weights[0] > 0
    assert found.weights[1] == 0
    assert found.weights[2] < 0


def test_the_fit_is_at_the_optimum_of_a_known_case() -> None:
    # Of the rows with the feature three in four are crashes, of those without it one in four.
    features = numpy.array([[1.0]] * 4 + [[0.0]] * 4)
    crash = numpy.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=float)
    found = fit(Rows(features, crash, numpy.full(8, 1 / 8)), [1], penalty=0)
    assert found.probability((1.0,)) == pytest.approx(0.75, abs=1e-3)
    assert found.probability((0.0,)) == pytest.approx(0.25, abs=1e-3)


def test_the_calibration_error_of_a_known_case() -> None:
    assert calibration_error([0.75] * 4, [True, True, True, False]) == 0
    assert calibration_error([1.0, 0.0], [False, True]) == 1
    assert calibration_error([0.9, 0.9, 0.1], [True, False, False]) == pytest.approx(0.9 / 3)
    assert calibration_error([0.9, 0.1], [True, False], [3, 1]) == pytest.approx(0.1)
    assert calibration_error([], []) == 0
    assert [round(each.low, 1) for each in reliability([0.05, 0.95, 1.0], [False] * 3)] == [0, 0.9]
