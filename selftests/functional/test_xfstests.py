"""Tests of a tree in the format of xfstests, each with what it must end with."""

import json
import os
import subprocess
import sys
from pathlib import Path

from fake_xfstests import make_tree

AVOCADO = Path(sys.executable).with_name("avocado")
ON_EXT4 = "vexfs.level2.xfstests.on_ext4"

PLANTED = {
    "generic_001": ("PASS", ""),
    "generic_002": ("FAIL", "xfstests generic/002 fails"),
    "generic_003": ("CANCEL", "cannot run: needs a moon"),
    "generic_004": ("FAIL", "sysrq triggered crash"),
    "generic_005": ("PASS", ""),
}
"""Test -> status and words of its reason; the one after that which crashes its guest still runs."""


def run_job(folder, **params):
    """The tests of a job by the ends of their names."""
    command = [
        AVOCADO,
        "run",
        "--job-results-dir",
        folder / "results",
        "--vt-type",
        "qemu",
        ON_EXT4,
    ]
    for name, value in {"guest_recipe": "debian12", **params}.items():
        command += ["--vt-extra-params", f"{name}={value}"]
    environment = {**os.environ, "PATH": f"{AVOCADO.parent}:{os.environ['PATH']}"}
    subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    document = json.loads((folder / "results/latest/results.json").read_text())
    return {test["name"].rpartition(".")[2]: test for test in document["tests"]}


def test_a_tree_gives_a_result_for_each_test(tmp_path, runtime):
    tests = run_job(tmp_path, xfstests_dir=make_tree(tmp_path))
    statuses = {name: test["status"] for name, test in tests.items()}
    assert statuses == {name: row[0] for name, row in PLANTED.items()}, tests
    for name, (_, words) in PLANTED.items():
        assert words in (tests[name]["fail_reason"] or "").replace("-", " "), name
    assert "expected: the output" in tests["generic_002"]["whiteboard"]
    left = Path(tests["generic_002"]["logdir"]) / "xfstests/generic_002.out.bad"
    assert "something else" in left.read_text()
    again = json.loads(tests["generic_004"]["whiteboard"])["reproduce"]
    assert f"{ON_EXT4} " in again and "xfstests_tests=generic/004" in again


def test_what_is_known_to_fail_warns(tmp_path, runtime):
    known = tmp_path / "known.toml"
    known.write_text('"generic/002" = "it always did"\n"generic/001" = "it once did"\n')
    chosen = "generic/001,generic/002"
    tree = make_tree(tmp_path)
    tests = run_job(tmp_path, xfstests_dir=tree, xfstests_tests=chosen, xfstests_failures=known)
    assert {name: test["status"] for name, test in tests.items()} == {
        "generic_001": "WARN",
        "generic_002": "WARN",
    }
    assert "passes, though it is listed" in tests["generic_001"]["fail_reason"]


def test_without_a_tree_it_is_cancelled(tmp_path, runtime):
    [test] = run_job(tmp_path).values()
    assert test["status"] == "CANCEL" and "no tree of xfstests is named" in test["fail_reason"]
    assert json.loads(test["whiteboard"])["guests"] == []
