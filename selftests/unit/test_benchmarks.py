"""Rows of ``make bench``: figures, promises, and a group that replaces only its own rows."""

import json
import sys
from pathlib import Path

import pytest

from vexfs_provider.errors import UsageError

sys.path.insert(0, str(Path(__file__).parents[2]))  # the package is not installed, only run

from benchmarks.rows import Row, in_turn, save, table
from benchmarks.timed import run_timed


def test_a_row_has_the_keys_that_programs_read():
    row = Row("boot_s", 0.25, "s", reference="virtme-ng", reference_value=10.0, at_most=1)
    assert row.to_dict() == {
        "name": "boot_s",
        "value": 0.25,
        "unit": "s",
        "reference": "virtme-ng",
        "reference_value": 10.0,
        "ratio": 40.0,
    }
    without = Row("boot_s", 0.25, "s").to_dict()
    assert [without[key] for key in ("reference", "reference_value", "ratio")] == [None] * 3


@pytest.mark.parametrize(
    "value, reference, promise",
    [
        (0.2, 10.0, "<= 0.25 s, >= 25 x: kept"),
        (0.3, 10.0, "<= 0.25 s, >= 25 x: MISSED"),
        (0.2, 4.0, "<= 0.25 s, >= 25 x: MISSED"),
        (0.2, None, "<= 0.25 s: kept"),
    ],
)
def test_a_promise_is_kept_or_missed(value, reference, promise):
    row = Row("x", value, "s", reference_value=reference, at_most=0.25, at_least_times=25)
    assert row.promise == promise
    assert promise in table([row])


def test_subject_and_reference_run_in_turn_and_give_medians():
    order = []
    values = {"subject": iter([5.0, 1.0, 3.0]), "reference": iter([30.0, 90.0, 10.0])}

    def measure(name):
        order.append(name)
        return next(values[name])

    medians = in_turn(lambda: measure("subject"), lambda: measure("reference"), runs=3)
    assert medians == [3.0, 30.0]
    assert order == ["subject", "reference"] * 3


def test_a_group_replaces_only_its_own_rows(tmp_path):
    path = tmp_path / "build" / "bench.json"
    save([Row("a", 1, "s"), Row("b", 2, "s")], path)
    save([Row("a", 3, "s")], path)
    assert {entry["name"]: entry["value"] for entry in json.loads(path.read_text())} == {
        "a": 3,
        "b": 2,
    }


@pytest.mark.parametrize("text", ["{", "3", '["x"]', '[{"value": 1}]'])
def test_a_file_of_another_kind_is_not_overwritten(tmp_path, text):
    path = tmp_path / "bench.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"bench\.json"):
        save([Row("a", 1, "s")], path)
    assert path.read_text() == text


def test_a_program_is_timed_and_its_words_are_kept():
    done = run_timed(["sh", "-c", "echo out; echo err >&2; exit 3"], 30)
    assert done.output == "out\nerr\n"
    assert 0 < done.seconds < 30


def test_a_program_past_its_time_is_ended_with_what_it_has_started():
    done = run_timed(["sh", "-c", "sleep 600 & wait"], 1)
    assert 1 <= done.seconds < 60  # the sleep has the output open until it ends
