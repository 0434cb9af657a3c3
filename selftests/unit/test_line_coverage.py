"""Lines that were run, by the real gcov from a real compiler's notes; merged over jobs."""

import json
import subprocess

import pytest

from results_parsers.job import BadResults
from results_parsers.line_coverage import Lines, merge_lines, ranges
from vexfs_provider.errors import BuildError, NotApplicable, UsageError
from vexfs_provider.guest.module import Module
from vexfs_provider.instrumentation.gcov import count_lines
from vexfs_provider.instrumentation.line_coverage import LineCoverage

SOURCE = """\
#include "../sub/own.h"
static int never(void)
{
	return 7;
}
int main(int argc, char **argv)
{
	int sum = 0;
	for (int i = 0; i < 3; i++)
		sum += add(i, 1);
	if (argc > 9)
		return never();
	return sum == 6 ? 0 : 1;
}
"""
HEADER = """\
#include <stdlib.h>
static inline int add(int a, int b)
{
	return a + abs(b);
}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A program as a module's build leaves it: the notes, where it was compiled, and its counts."""
    work = tmp_path_factory.mktemp("work")
    notes = tmp_path_factory.mktemp("notes")
    (work / "sub").mkdir()
    (work / "sub" / "main.c").write_text(SOURCE)
    (work / "sub" / "own.h").write_text(HEADER)
    compile_it = ["gcc", "--coverage", "-O0", "-c", str(work / "sub" / "main.c"), "-o"]
    subprocess.run([*compile_it, str(work / "sub" / "main.o")], check=True, cwd="/")
    subprocess.run(
        ["gcc", "--coverage", str(work / "sub" / "main.o"), "-o", str(work / "main")], check=True
    )
    subprocess.run([str(work / "main")], check=True)
    (notes / "sub").mkdir()
    (notes / "sub" / "main.gcno").write_bytes((work / "sub" / "main.gcno").read_bytes())
    data = (work / "sub" / "main.gcda").read_bytes()
    return notes, str(work), {f"{work}/sub/main.gcda": data}


def test_each_line_and_function_is_counted(built):
    notes, work, counts = built
    found = count_lines(notes, work, counts)
    assert set(found) == {"sub/main.c", "sub/own.h"}  # nothing of the compiler's own headers
    main = found["sub/main.c"]
    assert (main.lines[4], main.lines[10], main.lines[12]) == (0, 3, 0)
    assert main.functions == {"never": 0, "main": 1}
    assert main.places["never"] == 2
    assert found["sub/own.h"].functions == {"add": 3}


def test_without_counts_all_lines_are_there_and_none_was_run(built):
    notes, work, counts = built
    for others in ({}, {"/elsewhere/sub/main.gcda": next(iter(counts.values()))}):
        found = count_lines(notes, work, others)
        assert set(found["sub/main.c"].lines) == set(
            count_lines(notes, work, counts)["sub/main.c"].lines
        )
        assert not any(found["sub/main.c"].lines.values())


def test_notes_that_are_none_are_named(built, tmp_path):
    (tmp_path / "bad.gcno").write_bytes(b"nothing")
    with pytest.raises(BuildError, match=r"bad\.gcno|gcov"):
        count_lines(tmp_path, "/work", {})


def module(folder, work="/work"):
    manifest = {"name": "demo", "kernel_release": "6.1-debug", "work": work}
    return Module("demo", "6.1-debug", folder, (), folder / "tools", manifest)


def test_a_module_that_counts_no_lines_says_how_to_build_it(tmp_path):
    with pytest.raises(NotApplicable, match="--kernel debug --coverage"):
        LineCoverage(module(tmp_path), "debug")


@pytest.fixture
def coverage(built, tmp_path):
    notes, work, _ = built
    (tmp_path / "coverage").symlink_to(notes)
    return LineCoverage(module(tmp_path, work), "debug")


class FakeGuest:
    """Tells counts, or nothing any more."""

    def __init__(self, told):
        self._told = told

    def load_code(self, _):
        pass

    def call(self, *_):
        if isinstance(self._told, Exception):
            raise self._told
        return self._told


def packed(counts):
    import base64
    import zlib

    return {path: base64.b64encode(zlib.compress(data)).decode() for path, data in counts.items()}


def test_the_counts_of_guests_add_up(built, coverage):
    before = coverage.summary()
    assert (before["covered"], before["uncovered"]) == (0, ["add", "main", "never"])
    for _ in range(2):
        coverage.collect(FakeGuest(packed(built[2])))
    after = coverage.summary()
    assert after["lines"] == before["lines"] == sum(f["lines"] for f in after["files"].values())
    assert after["uncovered"] == ["never"]
    assert 0 < after["covered"] < after["lines"]
    assert coverage.to_dict()["files"]["sub/main.c"]["lines"]["10"] == 6


def test_a_guest_that_does_not_answer_is_a_limit(coverage):
    from vexfs_provider.errors import GuestError

    for _ in range(2):
        coverage.collect(FakeGuest(GuestError("it has panicked")))
    [limit] = coverage.summary()["limits"]
    assert limit == "a guest took with it the lines that it ran last: it has panicked"


def test_lcov_reads_it(built, coverage):
    coverage.collect(FakeGuest(packed(built[2])))
    text = coverage.to_lcov("basic_io")
    [main] = [part for part in text.split("end_of_record") if "sub/main.c" in part]
    assert "TN:basic_io" in main
    assert {"FNDA:0,never", "DA:10,3", "DA:4,0", "FNF:2", "FNH:1"} <= set(main.split("\n"))


def test_a_kernel_without_gcov_is_refused(tmp_path):
    from types import SimpleNamespace

    from vexfs_provider.guest.module import build_module

    config = tmp_path / "config"
    config.write_text("CONFIG_SLUB=y\n")
    kernel = SimpleNamespace(name="6.1", config=config)
    with pytest.raises(UsageError, match=r"6\.1 lacks CONFIG_GCOV_KERNEL; choose --kernel debug"):
        build_module("demo", tmp_path, kernel=kernel, coverage=True, store=None, progress=None)


def write_job(folder, *tests):
    """A job of tests, each a scenario and the counts of its lines, and of one without."""
    entries = []
    for number, (scenario, lines) in enumerate(tests):
        logs = folder / "test-results" / f"{number}-{scenario}"
        logs.mkdir(parents=True)
        record = {"schema": 1, "level": 1, "scenario": scenario, "filesystem": "demo"}
        if lines is not None:
            counts = {str(line): count for line, count in lines.items()}
            functions = {"f": lines.get(1, 0), "g": 0}
            document = {
                "module": "demo",
                "kernel_release": "6.1-debug",
                "files": {"a.c": {"lines": counts, "functions": functions}},
                "limits": [f"limit of {scenario}"],
            }
            (logs / "coverage-lines.json").write_text(json.dumps(document))
            record["line_coverage"] = {}
        name, text = f"vexfs.level1.{scenario}.on_demo", json.dumps(record)
        entry = {"name": name, "status": "PASS", "logdir": str(logs), "whiteboard": text}
        entries.append(entry)
    (folder / "results.json").write_text(json.dumps({"job_id": "x", "tests": entries}))
    return folder


def test_what_any_scenario_has_run_is_run(tmp_path):
    first = ("mount_cycle", {1: 1, 2: 0, 5: 0, 9: 0})
    job = write_job(tmp_path, first, ("basic_io", {1: 0, 2: 3, 5: 0, 9: 0}), ("space", None))
    [found] = merge_lines([job])
    document = found.to_dict()
    assert (document["lines"], document["covered"]) == (4, 2)
    assert document["files"] == {"a.c": {"lines": 4, "covered": 2, "uncovered": ["5-9"]}}
    assert document["uncovered"] == ["g"]
    [level] = document["levels"]
    assert level["scenarios"]["mount_cycle"] == {"lines": 4, "covered": 1}
    words = found.in_words()
    assert "demo (module demo, kernel 6.1-debug): 2 of 4 lines run" in words
    assert "a.c: 2 of 4; not run: 5-9" in words
    assert "limit of basic_io" in words


@pytest.mark.parametrize("text", ["", "[]", '{"files": 3}', "{}"])
def test_a_bad_artefact_is_named(tmp_path, text):
    job = write_job(tmp_path, ("mount_cycle", {1: 1}))
    [artefact] = job.rglob("coverage-lines.json")
    artefact.write_text(text)
    with pytest.raises(BadResults, match=r"coverage-lines\.json"):
        merge_lines([job])


def test_ranges_go_over_lines_without_code():
    assert ranges([3, 7, 20], [1, 3, 7, 9, 20]) == ["3-7", "20"]
    assert ranges([], [1]) == []


def test_no_lines_are_no_lines():
    assert Lines().counts() == {"lines": 0, "covered": 0}
