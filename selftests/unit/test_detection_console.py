"""Cleaning of console bytes: what the kernel said, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.detection.console import MAX_LINE, Line, clean_lines

TEXT = "BUG: something happened"


@pytest.mark.parametrize(
    "raw",
    [
        "BUG: something happened",
        "[    1.234567] BUG: something happened",
        "<4>[    1.234567] BUG: something happened",
        "[12345.678901] BUG: something happened",
        "[Sun Nov  2 10:11:12 2025] BUG: something happened",
        "kern  :emerg : [    1.234567] BUG: something happened",
        "Nov  2 10:11:12 guest kernel: BUG: something happened",
        "Nov  2 10:11:12 guest kernel: [    1.234567] BUG: something happened",
        "2025-11-02T10:11:12.123456+01:00 guest kernel: BUG: something happened",
        "2025-11-02 10:11:12 guest kernel: BUG: something happened",
        "[    1.234567] guest kernel: BUG: something happened",
        "\x1b[32m[    1.234567] \x1b[0m\x1b[31mBUG: \x1b[0msomething happened",
        "[Sun Nov  2 10:11:12 2025] [   T12] BUG: something happened",
        "Nov  2 10:11:12 guest kernel: [    C0] BUG: something happened",
        "[    1.234567] (1)[123:kworker/0:1]BUG: something happened",
        "[    1.234567]  [0:  kworker/0:1:   12] BUG: something happened",
        "<4>[    1.234567] c1   1234 BUG: something happened",
        "2025/11/02 10:11:12 BUG: something happened",
        "BUG: some\x00thing happened\x00",
    ],
)
def test_what_stands_before_the_kernels_text_goes(raw: str) -> None:
    assert [line.text for line in clean_lines(raw.encode())] == [TEXT]


def test_prefix_of_another_program_stays() -> None:
    raw = b"Nov  2 10:11:12 guest sshd[81]: WARNING: no moduli\n[    1.0] cron[5]: BUG: ha\n"
    assert [line.text for line in clean_lines(raw)] == [
        "Nov  2 10:11:12 guest sshd[81]: WARNING: no moduli",
        "cron[5]: BUG: ha",
    ]


@pytest.mark.parametrize(("caller", "context"), [("[   T12]", "T12"), ("[    C0]", "C0")])
def test_context_is_kept(caller: str, context: str) -> None:
    raw = f"[    1.234567]{caller}  schedule+0x1/0x2".encode()
    assert list(clean_lines(raw)) == [Line(0, context, " schedule+0x1/0x2", True)]


@pytest.mark.parametrize(
    ("raw", "stamped"),
    [
        ("[    1.234567] x", True),
        ("[Sun Nov  2 10:11:12 2025] x", True),
        ("Nov  2 10:11:12 guest kernel: x", True),
        ("[   T12] x", True),
        ("x", False),
        ("2025/11/02 10:11:12 x", False),
        ("Nov  2 10:11:12 guest cron[5]: x", False),
    ],
)
def test_a_line_of_the_kernels_log_is_told_from_a_programs(raw: str, stamped: bool) -> None:
    (line,) = clean_lines(raw.encode())
    assert line.stamped is stamped


@pytest.mark.parametrize(
    "stamp",
    [
        "[    1.234567] ",
        "<4>[    1.234567] ",
        "[Sun Nov  2 10:11:12 2025] ",
        "Nov  2 10:11:12 guest kernel: ",
        "Nov  2 10:11:12 guest kern.warn kernel: ",
        "2025-11-02T10:11:12.123456+01:00 guest kernel: ",
    ],
)
def test_every_form_of_stamp_may_follow_an_unfinished_line(stamp: str) -> None:
    raw = f"guest login: {stamp}BUG: x".encode()
    assert [line.text for line in clean_lines(raw)] == ["guest login: ", "BUG: x"]


def test_line_ends_of_every_kind_and_offsets() -> None:
    raw = b"one\r\ntwo\r\r\nthree\n\nfour\rfive"
    assert [(line.offset, line.text) for line in clean_lines(raw)] == [
        (0, "one"),
        (5, "two"),
        (11, "three"),
        (18, "four"),
        (23, "five"),
    ]


def test_stamp_behind_an_unfinished_line_begins_a_line() -> None:
    raw = b"guest login: [    1.234567] BUG: x\n"
    assert list(clean_lines(raw)) == [Line(0, "", "guest login: "), Line(13, "", "BUG: x", True)]


def test_offset_of_a_stamp_behind_escapes() -> None:
    raw = b"\x1b[1mguest\x1b[0m login: [    1.234567] BUG: x\n"
    last = list(clean_lines(raw))[-1]
    assert raw[last.offset :].startswith(b"[    1.234567]")


def test_offsets_of_equal_stamps_behind_what_is_taken_off() -> None:
    raw = b"\x00" * 40 + b"[    1.000000] a[    1.\x00000000] b[    1.000000] c"
    starts = [0, raw.index(b"[    1.\x00"), raw.rindex(b"[")]
    assert [line.offset for line in clean_lines(raw)] == starts


def test_start_skips_bytes_but_offsets_count_from_the_begin() -> None:
    assert list(clean_lines(b"one\ntwo\n", 4)) == [Line(4, "", "two")]


def test_broken_utf8_is_marked() -> None:
    assert list(clean_lines(b"a\xffb")) == [Line(0, "", "a\ufffdb")]


@given(st.binary(max_size=400))
def test_any_bytes_give_lines_whose_offsets_rise_within_them(raw: bytes) -> None:
    offsets = [line.offset for line in clean_lines(raw)]
    assert offsets == sorted(set(offsets))
    assert all(0 <= offset < len(raw) for offset in offsets)


@given(st.text(alphabet="ab: [].0123456789", max_size=80), st.integers(0, 10**6))
def test_text_is_the_same_with_and_without_a_stamp(text: str, second: int) -> None:
    bare = "." + text  # begins with no stamp of its own
    stamped = f"[{second:>5}.000000] {bare}".encode()
    assert [line.text for line in clean_lines(stamped)] == [
        line.text for line in clean_lines(bare.encode())
    ]


def test_a_line_without_end_comes_in_pieces() -> None:
    pieces = list(clean_lines(b"x" * (3 * MAX_LINE)))
    assert [len(piece.text) for piece in pieces] == [MAX_LINE] * 3
