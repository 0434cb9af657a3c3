"""What the executor prints, and a guest that prints anything."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ops_host import list_of

from vexfs_provider.errors import AgentLost, GuestError
from vexfs_provider.ops.outcome import ListOutcome, Outcome
from vexfs_provider.ops.program import cut
from vexfs_provider.ops.results import (
    Place,
    parse_output,
    place_of_flight,
    place_of_output,
)
from vexfs_provider.ops.stopped import ExecutorStopped

PARTS = [
    *cut(list_of("one", "mkdir A 0755", "read A/f 0 10"), tree=True),
    *cut(list_of("two", "sync"), tree=False),
]
ONE = "enter one\nok\nok 10 00aa\nentry . kind=folder\nentry A%20 kind=file size=3 target=\nleave\n"
TWO = "enter two\nerror EIO\nleave\n"
GOOD = ONE + TWO + "end done\n"


def parse(text):
    return parse_output(text.encode(), PARTS)


def test_a_whole_output():
    output = parse(GOOD)
    one, two = output.parts
    assert output.end.kind == "done"
    assert one.results == [Outcome(""), Outcome("", ("10", "00aa"))]
    assert one.tree == {
        ".": {"kind": "folder"},
        "A ": {"kind": "file", "size": "3", "target": ""},
    }
    assert two.results == [Outcome("EIO")]
    assert two.tree == {}


def test_a_folder_that_cannot_be_entered_fails_every_operation():
    one, _ = parse("absent one EROFS\nleave\n" + TWO + "end done\n").parts
    assert one.results == [Outcome("EROFS")] * 2
    assert one.tree == {".": {"error": "EROFS"}}


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ("end hang\n", Place(0, -1), "begin one"),
        ("enter one\nend hang\n", Place(0, 0), "mkdir A 0755"),
        ("enter one\nok\nend lost 9\n", Place(0, 1), "read A/f 0 10"),
        ("enter one\nok\nok\nend hang\n", Place(0, 2), "tree"),
        (ONE.removesuffix("leave\n") + "end hang\n", Place(0, 2), "tree"),
        (ONE + "end hang\n", Place(1, -1), "begin two"),
        (ONE + "enter two\nok\nend hang\n", Place(1, 1), "leave"),
        (ONE + TWO + "end hang\n", Place(1, 1), "leave"),
    ],
)
def test_where_an_output_ends(text, place, line):
    assert place_of_output(parse(text), PARTS) == place
    assert place.line(PARTS) == line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "end done\n",
        GOOD.removesuffix("\n"),
        GOOD.removesuffix("end done\n"),
        GOOD + "ok\n",
        GOOD + "end done\n",
        GOOD.replace("enter two", "enter three"),
        GOOD.replace("enter two", "leave"),
        GOOD.replace("ok 10", "fine 10"),
        GOOD.replace("error EIO", "error"),
        GOOD.replace("error EIO", "error eio"),
        GOOD.replace("error EIO", "error EIO EIO"),
        GOOD.replace("error EIO\n", ""),
        GOOD.replace("error EIO", "error EIO\nok"),
        GOOD.replace("error EIO", "error EIO\nentry . kind=folder"),
        GOOD.replace("kind=folder", "folder"),
        GOOD.replace("kind=folder", "=folder"),
        GOOD.replace("entry . kind=folder", "entry ."),
        GOOD.replace("entry . kind=folder\n", "").replace(
            "entry A%20 kind=file size=3 target=\n", ""
        ),
        GOOD.replace("end done", "end lost"),
        GOOD.replace("end done", "end lost 999999"),
        GOOD.replace("end done", "end lost nine"),
        GOOD.replace("end done", "end done done"),
        GOOD.replace("end done", "end well"),
        GOOD.replace("end done", "\xe9nd done"),
        ONE + "end done\n",
    ],
)
def test_what_cannot_be_is_an_error(text):
    with pytest.raises(GuestError, match="the executor in the guest printed"):
        parse(text)


@given(st.lists(st.sampled_from([*GOOD.splitlines(), "end hang", "end lost 9", "ok", "x"])))
def test_any_lines_end_in_results_or_an_error(lines):
    try:
        output = parse("".join(f"{line}\n" for line in lines))
    except GuestError:
        return
    for part, result in zip(PARTS, output.parts, strict=True):
        assert len(result.results) <= len(part.operations)
    place_of_output(output, PARTS).line(PARTS)


@given(st.binary())
def test_any_bytes_end_in_results_or_an_error(data):
    with pytest.raises(GuestError):
        parse_output(data, PARTS)


@pytest.mark.parametrize(
    ("notes", "place"),
    [
        (b"l", Place(0, -1)),
        (b"lo", Place(0, 0)),
        (b"loo", Place(0, 1)),
        (b"loot", Place(0, 2)),
        (b"lootl", Place(1, -1)),
        (b"lootlo", Place(1, 0)),
        (b"", None),
        (b"o", None),
        (b"t", None),
        (b"looo", None),
        (b"lootlol", None),
    ],
)
def test_where_a_flight_ended(notes, place):
    assert place_of_flight(notes, PARTS) == place


@given(st.binary() | st.text("lot").map(str.encode))
def test_any_notes_name_a_line_or_none(notes):
    place = place_of_flight(notes, PARTS)
    assert place is None or place.line(PARTS)


def test_what_stopped_the_executor_can_be_sent_to_another_process():
    outcomes = {"zero": ListOutcome((Outcome("EIO"),), {})}
    stopped = ExecutorStopped("one", 3, "rmdir A", AgentLost("gone"), outcomes)
    again = pickle.loads(pickle.dumps(stopped))
    assert str(again) == "list one: rmdir A (operation 3) was under way: gone"
    assert (again.name, again.index, again.line) == ("one", 3, "rmdir A")
    assert again.outcomes == outcomes
    assert isinstance(again.cause, AgentLost)
    unknown = ExecutorStopped("one", None, "", AgentLost("gone"))
    assert "unknown operation" in str(unknown)
