"""Jobs are read whatever state they are in; what cannot be read is named, nothing is lost."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results_parsers import avocado_json
from results_parsers.job import BadResults, JobResult
from results_parsers.reader import Skipped, read_job, read_jobs
from results_parsers.whiteboard import read_whiteboard, upgrade

ID = "0927af181c46cd17cf24084c97f4af92824388ae"
NAME = "job-2026-11-23T07.36-0927af1"
RECORD = {
    "schema": 1,
    "level": 1,
    "scenario": "basic_io",
    "filesystem": "ext4",
    "status": "PASS",
    "duration_s": 3.5,
    "metrics": {"mount_time_ms": {"value": 12, "unit": "ms", "samples": [11, 12, 13]}},
    "findings": [{"title": "data mismatch"}],
}


def entry(number, status="PASS", whiteboard=None):
    name = f"type_specific.vexfs.level1.basic_io.on_{number}"
    return {
        "name": name,
        "id": f"{number}-{name}",
        "status": status,
        "fail_reason": "",
        "time_elapsed": 1.5,
        "actual_time_start": 1_795_419_387.9 + number,
        "logdir": f"/elsewhere/{NAME}/test-results/{number}-{name}",
        "whiteboard": json.dumps(RECORD) if whiteboard is None else whiteboard,
    }


def document(tests):
    return {"job_id": ID, "start": "2026-11-23 07:36:25.547408", "tests": tests, "total": 3}


@pytest.fixture
def job(tmp_path):
    """The folder of a job with three tests, as Avocado leaves it."""
    folder = tmp_path / NAME
    entries = [entry(number) for number in (1, 2, 3)]
    for one in entries:
        place = folder / "test-results" / Path(one["logdir"]).name
        place.mkdir(parents=True)
        (place / "whiteboard").write_text(one["whiteboard"])
        links = folder / "test-results" / "by-status" / "PASS"
        links.mkdir(parents=True, exist_ok=True)
        (links / place.name).symlink_to(place)
    (folder / "id").write_text(ID + "\n")
    (folder / "results.json").write_text(json.dumps(document(entries)))
    cases = "".join(f'<testcase name="{one["name"]}" time="1.5"/>' for one in entries)
    (folder / "results.xml").write_text(
        f'<testsuite name="{NAME}" timestamp="2026-11-23T07:40:00">{cases}</testsuite>'
    )
    return folder


def names(result):
    return [test.short_name for test in result.tests]


def test_a_whole_job(job):
    result = read_job(job)
    assert (result.job_id, result.complete, result.problems) == (ID, True, ())
    assert result.started == pytest.approx(1_795_419_388.9)
    assert names(result) == [f"vexfs.level1.basic_io.on_{number}" for number in (1, 2, 3)]
    record = result.tests[0].record
    assert record["metrics"]["mount_time_ms"]["samples"] == [11.0, 12.0, 13.0]
    assert record["metrics"]["mount_time_ms"]["better"] == "lower"
    assert record["findings"][0]["expected"] is False
    assert record["unsupported"] == []


def test_its_file_alone_says_the_same(job):
    assert read_job(job / "results.json") == read_job(job)


def test_a_moved_job_has_its_logs_beside_it(job, tmp_path):
    moved = tmp_path / "archive"
    shutil.move(job, moved)
    result = read_job(moved)
    folder = result.log_folder(result.tests[0])
    assert folder.parent == moved / "test-results"
    assert read_job(moved / "results.json").digest == result.digest


def test_all_jobs_below_a_folder_each_once(job, tmp_path):
    (tmp_path / "latest").symlink_to(job)
    (tmp_path / "deeper" / "still").mkdir(parents=True)
    shutil.copytree(job, tmp_path / "deeper" / "still" / "job", symlinks=True)
    found = list(read_jobs([tmp_path, job]))
    assert [type(one) for one in found] == [JobResult, JobResult]


def test_a_cut_off_file_gives_its_whole_tests_and_the_folder_the_rest(job):
    file = job / "results.json"
    text = file.read_text()
    file.write_text(text[: text.index("on_3")])
    result = read_job(job)
    assert not result.complete
    assert len(result.tests) == 3
    assert result.tests[2].status == "PASS"
    assert result.tests[2].record["scenario"] == "basic_io"
    assert "cut off; 2 tests are whole" in result.problems[0]
    alone = job.parent / "results.json"
    shutil.move(file, alone)
    assert len(read_job(alone).tests) == 2


def test_a_job_that_was_killed_is_read_from_its_folder(job):
    (job / "results.json").unlink()
    (job / "results.xml").unlink()
    shutil.rmtree(job / "test-results" / "by-status")
    (job / "test-results" / "3-type_specific.vexfs.level1.basic_io.on_3" / "whiteboard").unlink()
    result = read_job(job)
    assert (result.job_id, result.complete) == (ID, False)
    assert [test.status for test in result.tests] == ["PASS", "PASS", "INTERRUPTED"]
    assert result.started is not None
    assert "known by their folders only" in result.problems[-1]


def test_junit_with_the_folders_has_the_records(job):
    (job / "results.json").unlink()
    result = read_job(job)
    assert (result.job_id, result.complete) == (ID, False)
    assert all(test.record for test in result.tests)


def test_junit_alone(tmp_path):
    file = tmp_path / "nightly.xml"
    file.write_text(
        f'<testsuites><testsuite name="{NAME}" timestamp="2026-11-23T07:40:00">'
        '<testcase name="a" time="2"/><testcase name="b"><failure message="it broke"/></testcase>'
        '<testcase name="c"><skipped/></testcase></testsuite></testsuites>'
    )
    result = read_job(file)
    assert [(test.name, test.status) for test in result.tests] == [
        ("a", "PASS"),
        ("b", "FAIL"),
        ("c", "SKIP"),
    ]
    assert result.tests[1].reason == "it broke"
    assert ID.startswith(result.job_id)


def test_an_old_release_of_avocado(tmp_path):
    test = {"test": "1-x", "url": "x.py", "id": "1-x", "status": "PASS", "time": 2.5}
    old = {"job_id": ID, "tests": [test | {"start": 1_462_000_000.5, "whiteboard": ""}]}
    (tmp_path / "results.json").write_text(json.dumps(old))
    [test] = read_job(tmp_path).tests
    assert (test.name, test.seconds, test.started) == ("x.py", 2.5, 1_462_000_000.5)


def test_a_whiteboard_of_others_is_kept_as_it_is(tmp_path):
    tests = [
        entry(1, whiteboard="{'kvm_version': '6.1', 'n': 3}"),
        entry(2, whiteboard="<unknown>"),
    ]
    (tmp_path / "results.json").write_text(json.dumps(document(tests)))
    first, second = read_job(tmp_path).tests
    assert (first.record, first.whiteboard) == (None, {"kvm_version": "6.1", "n": 3})
    assert (second.record, second.whiteboard) == (None, {})


def test_a_record_as_python_writes_it(tmp_path):
    (tmp_path / "results.json").write_text(
        json.dumps(document([entry(1, whiteboard=repr(RECORD))]))
    )
    assert read_job(tmp_path).tests[0].record["scenario"] == "basic_io"


BAD_RECORDS = {
    "newer": ({"schema": 2}, "schema = 2; known: 0 to 1"),
    "no mapping of metrics": ({"schema": 1, "metrics": 3}, "metrics = 3; a dict is allowed"),
    "no number": ({"schema": 1, "metrics": {"x": {"value": "y"}}}, "metrics/x: no value"),
    "no title": ({"schema": 1, "findings": [{}]}, "findings/0: title = None"),
    "no finding": ({"schema": 1, "findings": [3]}, "findings/0 is 3, no mapping"),
}


@pytest.mark.parametrize(("record", "words"), BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_a_bad_record_is_named_and_its_test_stays(tmp_path, record, words):
    tests = [entry(1), entry(2, "FAIL", json.dumps(record))]
    (tmp_path / "results.json").write_text(json.dumps(document(tests)))
    result = read_job(tmp_path)
    assert [test.status for test in result.tests] == ["PASS", "FAIL"]
    assert result.tests[1].record is None
    assert words in result.problems[0]
    assert "on_2" in result.problems[0]


BAD_FILES = {
    "empty": ("results.json", ""),
    "a list": ("results.json", "[]"),
    "no tests": ("results.json", '{"job_id": "x"}'),
    "too deep": ("results.json", "[" * 100_000),
    "bytes": ("results.json", b"\xff\xfe\x00"),
    "no XML": ("results.xml", "<testsuite"),
    "another XML": ("results.xml", "<html/>"),
    "no seconds": ("results.xml", '<testsuite><testcase name="a" time="x"/></testsuite>'),
}


@pytest.mark.parametrize(("name", "content"), BAD_FILES.values(), ids=BAD_FILES)
def test_what_is_no_job_is_named(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for place in (tmp_path, file):
        [skipped] = read_jobs([place])
        assert isinstance(skipped, Skipped)
        assert name in skipped.why or "results.json" in skipped.why


def test_a_path_without_jobs_is_named(tmp_path):
    [empty, missing] = read_jobs([tmp_path, tmp_path / "nothing"])
    assert "no job below it" in empty.why
    assert "not there" in missing.why
    with pytest.raises(BadResults, match="nothing"):
        read_job(tmp_path / "nothing")


ENTRIES = [json.dumps(entry(number)) for number in (1, 2, 3)]
TEXT = f'{{"job_id": "{ID}", "tests": [{", ".join(ENTRIES)}], "total": 3}}'


@given(st.integers(0, len(TEXT) - 1))
def test_wherever_it_is_cut_what_is_whole_is_read_or_it_is_named(place):
    cut = TEXT[:place]
    whole = sum(TEXT.index(one) + len(one) <= place for one in ENTRIES)
    try:
        found = avocado_json.parse(cut)
    except BadResults:
        assert '"tests": [' not in cut
    else:
        assert found.cut
        assert len(found.tests) == whole


@given(st.text())
def test_any_text_is_a_whiteboard_or_none(text):
    assert isinstance(read_whiteboard(text), dict)


@given(
    st.dictionaries(
        st.sampled_from(["metrics", "findings", "level", "scenario", "configuration"]),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    )
)
def test_any_mapping_is_a_record_or_is_named(fields):
    try:
        record = upgrade({"schema": 1, **fields})
    except BadResults as error:
        assert str(error).startswith("record: ")
    else:
        assert isinstance(record["metrics"], dict)
