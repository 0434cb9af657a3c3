"""What the classifier says of reports and consoles, and of files that are no weights."""

import contextlib
import io
import json
import math
import time
import zipfile

import classifier_logs as logs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.detection import first_crash, reports, scan
from vexfs_provider.detection.classifier import (
    ModelError,
    confidence,
    console_form,
    graded,
    report_form,
    suspicion,
)
from vexfs_provider.detection.classifier.model import VERSION, WEIGHTS, load
from vexfs_provider.detection.sample import HEAD, TAIL, Sample, sample_of
from vexfs_provider.detection.verdict import SURE

HEADER = logs.HEADERS[0].encode()
LATER = b"".join(b"[   3%d.000000] eth0: link is up, %d Mbit/s\n" % (n, n) for n in range(9))


def confidence_in(console: bytes) -> float:
    found = first_crash(reports(console))
    assert found is not None
    return confidence(found, console[found.start : found.end])


def hidden(console: bytes) -> bytes:
    """The console with a header that no rule knows."""
    console = console.replace(HEADER, b"core integrity: rule 7 does not hold")
    assert reports(console) == []
    return console


def test_a_report_is_believed() -> None:
    assert confidence_in(logs.BOOT + logs.report()) > 0.95


@pytest.mark.parametrize(
    "quotation",
    [HEADER + b"\n", b"[   21.000000] " + HEADER + b"\n"],
    ids=["a program prints it", "somebody writes it into the kernel's log"],
)
def test_a_quoted_header_is_believed_less(quotation: bytes) -> None:
    assert confidence_in(logs.BOOT + quotation + LATER) < confidence_in(logs.BOOT + logs.report())


def test_a_rules_word_is_never_below_the_threshold() -> None:
    console = logs.BOOT + HEADER + b"\n" + LATER
    found = first_crash(reports(console))
    assert found is not None
    text = console[found.start : found.end]
    assert confidence(found, text) < SURE == graded(found, text)
    assert [finding.confidence for finding in scan(console)] == [SURE]


def test_a_report_under_an_unknown_header_is_suspicious() -> None:
    found = suspicion(hidden(logs.BOOT + logs.report()))
    assert found.probability > SURE > 0.2 > suspicion(logs.BOOT).probability
    assert found.lines and all(line in logs.report().decode() for line in found.lines)


@pytest.mark.parametrize(
    "console",
    [
        logs.BOOT,
        logs.BOOT + logs.sysrq_dump(),
        logs.BOOT + b"sh[7]: segfault at 0 ip 00007f error 4 in libc.so.6\n#0  0x00007f in main\n",
        logs.BOOT + b"[    9.000000] EXT4-fs error: none, just words\n",
        b"",
    ],
    ids=["boot", "sysrq", "program", "words", "nothing"],
)
def test_what_is_well_is_not_suspicious(console: bytes) -> None:
    assert suspicion(console).probability < 0.3


def test_more_of_a_report_is_never_less_suspicious() -> None:
    lines = hidden(logs.report()).splitlines(keepends=True)
    last = 0.0
    for end in range(len(lines)):
        if end < len(lines) - 4:  # from there on it no longer breaks off
            now = suspicion(logs.BOOT + b"".join(lines[: end + 1])).probability
            assert now >= last
            last = now


@given(st.binary(max_size=3000))
def test_any_bytes_give_a_probability(noise: bytes) -> None:
    assert 0 <= suspicion(noise).probability <= 1
    console = noise + b"\n" + logs.report()[:900] + noise
    for found in reports(console):
        assert 0 <= confidence(found, console[found.start : found.end]) <= 1


@given(st.binary(max_size=500), st.integers(0, 1200))
def test_features_are_finite_and_the_same_each_time(noise: bytes, cut: int) -> None:
    console = logs.report()[:cut] + noise
    values, _ = console_form.console_features(console)
    assert values == console_form.console_features(console)[0]
    assert len(values) == len(console_form.SIGNS) and all(map(math.isfinite, values))
    for found in reports(console):
        text = console[found.start : found.end]
        features = report_form.report_features(found, text)
        assert features == report_form.report_features(found, text)
        assert len(features) == len(report_form.SIGNS) and all(map(math.isfinite, features))


def test_of_a_report_only_its_begin_counts() -> None:
    console = logs.BOOT + logs.report() + logs.report()[len(HEADER) + 15 :] * 200
    found = first_crash(reports(console))
    assert found is not None
    text = console[found.start :]
    head = text[: report_form.LOOKED_AT]
    assert report_form.report_features(found, text) == report_form.report_features(found, head)


@pytest.mark.parametrize("noise", [b"a", b"[", b"+0x", b" at ", b"[<ffff", b"0 ", b"(x){"])
def test_hostile_lines_take_linear_time(noise: bytes) -> None:
    started = time.process_time()
    console_form.console_features(noise * (1_000_000 // len(noise)))
    assert time.process_time() - started < 10


def test_a_large_console_is_sampled_at_both_ends() -> None:
    line = b"[    1.000000] a line of the kernel\n"
    console = b"begin\n" + line * ((HEAD + 4 * TAIL) // len(line)) + b"end\n"
    text = sample_of(console)
    assert len(text) <= HEAD + TAIL + 1
    assert text.startswith(b"begin\n") and text.endswith(line + b"end\n")


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_a_small_console_is_its_own_sample(pieces: list[bytes]) -> None:
    sample = Sample()
    for piece in pieces:
        sample.feed(piece)
    assert sample.text() == b"".join(pieces)


def test_the_sample_does_not_depend_on_the_pieces() -> None:
    console = b"".join(b"[    1.000000] line %d\n" % number for number in range(400_000))
    assert len(console) > HEAD + 2 * TAIL
    sample = Sample()
    for start in range(0, len(console), 100_003):
        sample.feed(console[start : start + 100_003])
    assert sample.text() == sample_of(console)


def test_the_weights_are_small_and_say_what_they_are() -> None:
    assert WEIGHTS.stat().st_size < 200_000
    about = load(WEIGHTS).about
    assert about["version"] == VERSION
    assert about["corpus"] and isinstance(about["seed"], int)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: b"", "are none of ours"),
        (lambda raw: b"not a zip at all", "are none of ours"),
        (lambda raw: raw[: len(raw) // 2], "are none of ours"),
        (lambda raw: changed(raw, about=b"\x93NUMPY\x01\x00\x02\x00{}"), "no vector"),
        (lambda raw: changed(raw, report=None), "no 'report'"),
        (lambda raw: changed(raw, version=VERSION + 1), f"version {VERSION + 1}, not {VERSION}"),
        (lambda raw: changed(raw, features={"report": [], "console": []}), "other features of a"),
    ],
    ids=["empty", "text", "half", "array", "missing", "version", "features"],
)
def test_a_file_that_is_no_model_is_refused(tmp_path, change, message) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(change(WEIGHTS.read_bytes()))
    with pytest.raises(ModelError, match="avocado vexfs corpus train") as caught:
        load(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_missing_weights_are_told(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"cannot read weights .*No such file"):
        load(tmp_path / "nothing.npz")


@given(st.data())
def test_broken_weights_raise_nothing_else(tmp_path_factory, data) -> None:
    raw = bytearray(WEIGHTS.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "broken.npz"
    path.write_bytes(raw)
    with contextlib.suppress(ModelError):
        load(path)


def changed(raw: bytes, **changes: object) -> bytes:
    """The weights' file with arrays replaced (None: left out) or fields of ``about`` changed."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(result, "w") as new:
        for info in old.infolist():
            name, array = info.filename.removesuffix(".npy"), old.read(info)
            if name in changes:
                array = changes.pop(name)
            elif name == "about":
                array = _with_fields(array, changes)
            if array is not None:
                new.writestr(info.filename, array)
    return result.getvalue()


def _with_fields(array: bytes, fields: dict[str, object]) -> bytes:
    begin = array.index(b"\n") + 1
    known = json.loads(array[begin:])
    text = json.dumps({**known, **{k: v for k, v in fields.items() if k in known}}).encode()
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({len(text)},), }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + text
