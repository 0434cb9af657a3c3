"""Findings as data: titles that last, JSON there and back, expectations."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.detection import (
    Evidence,
    Expectation,
    Finding,
    Severity,
    apply_expectations,
    normalise_title,
)
from vexfs_provider.detection.finding import EVIDENCE_LIMIT, TITLE_LIMIT
from vexfs_provider.errors import UsageError


def finding(title: str = "WARNING in foo", offset: int | None = 100) -> Finding:
    return Finding(title, "warning", "foo", Severity.ERROR, evidence=(Evidence("a", "b", offset),))


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("kernel BUG in ip6_fragment", "kernel BUG in ip6_fragment"),
        ("bad foo+0x12/0x40", "bad foo"),
        ("bad foo.isra.0 and bar.cold", "bad foo and bar"),
        ("at 0xffff888012345678", "at ADDR"),
        ("at ffff888012345678", "at ADDR"),
        ("process 1234 sector 88", "process NUM sector NUM"),
        ("sector 123456789012", "sector NUM"),
        ("kernel BUG at fs/x.c:12!", "kernel BUG at fs/x.c:LINE!"),
        ("lockup on CPU#3", "lockup on CPU"),
        ("x" * 200, "x" * TITLE_LIMIT),
        ("on vdb-8", "on DEV"),
        ("on sda1, vdb, nvme0n1p2, loop7 and dm-0", "on DEV, DEV, DEV, DEV and DEV"),
        ("bdev /dev/mapper/faulty errs: wr 1", "bdev /dev/DEV errs: wr NUM"),
        ("fs a9bb752a-d1c8-42b8-bfd7-20b7d0256136 gone", "fs UUID gone"),
        ("defaced  by   blanks ", "defaced by blanks"),
    ],
)
def test_what_varies_leaves_the_title(raw: str, title: str) -> None:
    assert normalise_title(raw) == title


@given(st.text(alphabet="abcdef0123456789x+/. -sdvn", max_size=150))
def test_normalising_twice_changes_nothing(raw: str) -> None:
    once = normalise_title(raw)
    assert normalise_title(once) == once


@given(
    st.builds(
        Finding,
        title=st.text(),
        kind=st.text(),
        frame=st.none() | st.text(),
        severity=st.sampled_from(Severity),
        confidence=st.floats(0, 1),
        expected=st.booleans(),
        known=st.booleans(),
        count=st.integers(1),
        evidence=st.tuples(
            st.builds(
                Evidence,
                st.text(),
                st.text(),
                offset=st.none() | st.integers(0),
                line=st.none() | st.integers(1),
            )
        ),
        recommendation=st.text(),
        cause=st.text(),
        type=st.none() | st.text(),
        alt_titles=st.lists(st.text()).map(tuple),
        corrupted=st.booleans(),
    )
)
def test_json_there_and_back(original: Finding) -> None:
    assert Finding.from_dict(json.loads(json.dumps(original.to_dict()))) == original


def test_file_of_an_older_version_is_read() -> None:
    old = finding().to_dict()
    for name in ("type", "alt_titles", "corrupted", "cause"):
        del old[name]
    del old["evidence"][0]["line"]
    assert Finding.from_dict(old) == finding()


def test_severity_is_written_by_name() -> None:
    assert finding().to_dict()["severity"] == "error"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("severity", "fatal"),
        ("severity", 40),
        ("confidence", 1.5),
        ("count", "many"),
        ("count", True),
        ("frame", 7),
        ("evidence", "text"),
        ("evidence", [{"source": "console.log"}]),
        ("evidence", ["text"]),
        ("alt_titles", [7]),
        ("alt_titles", "WARNING in foo"),
        ("corrupted", "no"),
        ("colour", "red"),
    ],
)
def test_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(UsageError, match=field):
        Finding.from_dict({**finding().to_dict(), field: value})


@pytest.mark.parametrize("field", ["title", "kind", "frame", "severity"])
def test_missing_field_is_named(field: str) -> None:
    data = finding().to_dict()
    del data[field]
    with pytest.raises(UsageError, match=f"'{field}' is missing"):
        Finding.from_dict(data)


def test_evidence_is_bounded() -> None:
    assert len(Evidence("console.log", "x" * 10**6).text) == EVIDENCE_LIMIT


def test_matching_finding_becomes_expected_and_others_stay() -> None:
    marked = apply_expectations([finding(), finding("other")], [Expectation("^WARNING in")])
    assert [(f.title, f.expected) for f in marked] == [("WARNING in foo", True), ("other", False)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, None, True), (100, 101, True), (0, 100, False), (101, None, False), (50, None, True)],
)
def test_window_is_half_open(start: int, end: int | None, expected: bool) -> None:
    (marked,) = apply_expectations([finding(offset=100)], [Expectation("foo", False, start, end)])
    assert marked.expected is expected


def test_without_offset_only_an_unbounded_window_fits() -> None:
    nowhere = finding(offset=None)
    assert Expectation("foo").matches(nowhere)
    assert not Expectation("foo", end=1000).matches(nowhere)


def test_required_that_is_missing_is_a_finding() -> None:
    wanted = Expectation("kernel panic", required=True)
    missing = apply_expectations([finding()], [wanted])[-1]
    assert missing.kind == "expected-missing"
    assert missing.severity is Severity.ERROR
    assert not missing.expected
    assert "kernel panic" in missing.title


def test_required_that_appears_adds_nothing() -> None:
    assert len(apply_expectations([finding()], [Expectation("foo", required=True)])) == 1


def test_optional_that_is_missing_adds_nothing() -> None:
    assert apply_expectations([], [Expectation("foo")]) == []


def test_bad_pattern_is_named() -> None:
    with pytest.raises(UsageError, match=r"\(oops"):
        Expectation("(oops")


@pytest.mark.parametrize(("start", "end"), [(-1, None), (5, 5), (5, 4)])
def test_window_without_bytes_is_refused(start: int, end: int | None) -> None:
    with pytest.raises(UsageError, match="window"):
        Expectation("x", start=start, end=end)
