"""Coverage by functions: what the tests of some jobs have called together, and who says so."""

import json

import pytest

from results_parsers.coverage import merge_jobs
from results_parsers.job import BadResults
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.instrumentation.function_coverage import Functions, numbered
from vexfs_provider.plugins_avocado.verbs import VERBS

RELEASE = "6.1-test"


def entry(called, uncovered, release=RELEASE, limits=()):
    return {
        "module": "demo",
        "kernel_release": release,
        "functions": len(called) + len(uncovered),
        "called": called,
        "uncovered": uncovered,
        "limits": list(limits),
    }


def write_job(folder, *tests):
    """A job folder of tests, each given as level, scenario and entry (None: it noted nothing)."""
    entries = []
    for number, (level, scenario, found) in enumerate(tests):
        logs = folder / "test-results" / f"{number}-{scenario}"
        logs.mkdir(parents=True)
        record = {"schema": 1, "level": level, "scenario": scenario, "filesystem": "demo"}
        if found is not None:
            record["coverage"] = []
            (logs / "coverage.json").write_text(json.dumps([found]))
        entries.append(
            {
                "name": scenario,
                "status": "PASS",
                "logdir": f"/moved/away/{number}-{scenario}",
                "whiteboard": json.dumps(record),
            }
        )
    (folder / "results.json").write_text(json.dumps({"job_id": "abc", "tests": entries}))
    return folder


@pytest.fixture
def jobs(tmp_path):
    first = write_job(
        tmp_path / "a",
        (1, "mount_cycle", entry(["mount"], ["read", "never", "write"])),
        (1, "basic_io", entry(["mount", "read"], ["never", "write"], limits=["one was lost"])),
        (1, "vector", None),
    )
    second = write_job(tmp_path / "b", (2, "many_files", entry(["write"], ["mount", "never"])))
    return [first, second / "results.json"]


def test_what_any_scenario_of_any_job_has_called_is_called(jobs):
    [module] = merge_jobs(jobs)
    found = module.to_dict()
    assert (found["functions"], found["called"], found["uncovered"]) == (4, 3, ["never"])
    assert [level["level"] for level in found["levels"]] == [1, 2]
    assert found["levels"][0]["uncovered"] == ["never", "write"]
    assert found["levels"][0]["scenarios"] == {
        "basic_io": {"functions": 4, "called": 2},
        "mount_cycle": {"functions": 4, "called": 1},
    }
    assert found["limits"] == ["one was lost"]


def test_kernels_are_kept_apart(tmp_path):
    other = entry(["read"], ["mount"], release="6.12-test")
    job = write_job(tmp_path, (1, "one", entry(["mount"], ["read"])), (1, "two", other))
    assert [(each.kernel_release, each.uncovered) for each in merge_jobs([job])] == [
        (RELEASE, ["read"]),
        ("6.12-test", ["mount"]),
    ]


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file"), ("[{}]", "lacks one of"), ("3", "not iterable")]
)
def test_an_artefact_that_cannot_be_read_is_named(jobs, content, why):
    path = jobs[0] / "test-results" / "0-mount_cycle" / "coverage.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadResults, match=f"coverage.json: .*{why}"):
        merge_jobs(jobs)


def run_verb(*arguments):
    import argparse

    parser = argparse.ArgumentParser()
    VERBS["coverage"].configure(parser)
    return VERBS["coverage"].run(parser.parse_args([str(each) for each in arguments]))


def test_the_verb_names_what_nobody_called(jobs, capsys):
    assert run_verb(*jobs) == 0
    said = capsys.readouterr().out
    assert "demo (module demo, kernel 6.1-test): 3 of 4 functions called" in said
    assert "  level 1: 2 of 4" in said
    assert said.rstrip().endswith("called by no scenario:\n    never")
    assert run_verb("--json", *jobs) == 0
    assert json.loads(capsys.readouterr().out)[0]["uncovered"] == ["never"]


def test_nothing_there_is_the_infrastructures(tmp_path):
    job = write_job(tmp_path, (1, "mount_cycle", None))
    for where, why in ((job, "coverage=functions"), (tmp_path / "none", "none: not there")):
        with pytest.raises(InfrastructureError, match=why) as caught:
            run_verb(where)
        assert caught.value.exit_code == 3


def test_functions_of_one_name_are_told_apart():
    assert numbered(["init", "open", "init"]) == ("init", "open", "init (2)")


def test_what_one_guest_has_called_another_need_not_call():
    functions = Functions()
    functions.add(["open", "read", "close"], b"\1\0\0")
    functions.add(["open", "read", "close"], b"\0\0\1")
    assert functions.uncovered == ["read"]


def test_what_the_macros_of_tracepoints_write_does_not_count():
    functions = Functions()
    functions.add(["__traceiter_demo_read", "perf_trace_demo_read", "trace_it"], bytes(3))
    assert functions.uncovered == ["trace_it"]


def test_notes_of_another_length_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        Functions().add(["open", "read"], b"\1")
