"""The fast look at the raw bytes of a console, with and without Hyperscan."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.detection import prefilter
from vexfs_provider.detection.console import plain_text
from vexfs_provider.detection.prefilter import Prefilter

LITERALS = ("BUG: ", "Oops", "ab")


def slow(console: bytes) -> list[int]:
    """What the prefilter must find, line by line."""
    return [
        found.start()
        for found in re.finditer(rb"[^\r\n]+", console)
        if any(literal.encode() in plain_text(found.group()) for literal in LITERALS)
    ]


@pytest.fixture(scope="module", params=["plain", "hyperscan"])
def engine(request):
    if request.param == "hyperscan":
        pytest.importorskip("hyperscan", reason="hyperscan is not installed")
    return request.param


PIECES = st.sampled_from(
    [b"BUG: ", b"Oops", b"a", b"b", b"B", b"\n", b"\r\n", b"\r", b"\x00", b"\x1b[0m", b" ", b"\xff"]
)


@given(pieces=st.lists(PIECES, max_size=40))
def test_lines_that_may_matter_are_found_once_and_in_order(engine, pieces):
    console = b"".join(pieces)
    assert list(Prefilter(LITERALS, engine).lines(console)) == slow(console)


@given(pieces=st.lists(PIECES, max_size=60), size=st.integers(1, 9))
def test_a_console_may_be_looked_at_in_pieces(engine, pieces, size):
    console = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prefilter, "_PIECE", size)
        assert list(Prefilter(LITERALS, engine).lines(console)) == slow(console)


def test_what_is_before_the_start_is_not_looked_at(engine):
    console = b"Oops\nnothing Oops\nOops"
    assert list(Prefilter(LITERALS, engine).lines(console, 5)) == [5, 18]


def test_without_hyperscan_large_consoles_are_looked_at_all_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    prefilter._with_hyperscan.cache_clear()
    console = b"nothing\n" * 100_000 + b"Oops\n"
    assert list(Prefilter(LITERALS).lines(console)) == [800_000]
    with pytest.raises(ImportError):
        list(Prefilter(LITERALS, "hyperscan").lines(console))
