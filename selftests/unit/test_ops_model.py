"""The model that guides random lists, beside a real folder: mostly it tells what is there."""

import os
import shutil
import subprocess
from collections import Counter

import pytest

from vexfs_provider.guest.ops_program import COMPILER, compile_program
from vexfs_provider.ops import generate
from vexfs_provider.ops.mix import DEFAULT_MIX
from vexfs_provider.ops.namespace import Namespace, Type
from vexfs_provider.ops.random_lists import EFFECTS, random_list
from vexfs_provider.ops.text import read_line, write_line
from vexfs_provider.paths import data_dir

KINDS = {"folder": Type.FOLDER, "file": Type.FILE, "symlink": Type.SYMLINK}
CAPABILITIES = frozenset({"hardlink", "symlink", "mmap_write", "unlinked_open", "indirect_blocks"})
"""What any folder of a host can do."""

UNPRIVILEGED_MIX = {**DEFAULT_MIX, "user": 0, "chown": 0, "chmod": 0, "mknod": 0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs lists by the executor on this host; gives its lines."""
    if not shutil.which(COMPILER):
        pytest.skip(f"no C compiler ({COMPILER}) on this host")
    program = tmp_path_factory.mktemp("executor") / "ops"
    sources = sorted((data_dir("deps") / "ops").glob("*.c"))
    compile_program(program, sources, ("-std=gnu11", "-D_GNU_SOURCE", "-O1"))

    def run_lists(lists, place):
        lines = []
        for one in lists:
            lines += [f"begin {one.name}", *map(write_line, one.operations), "tree", "leave"]
        command = [program, "--no-clock", place]
        done = subprocess.run(
            command, input="\n".join(lines) + "\n", text=True, capture_output=True, check=True
        )
        return done.stdout.splitlines()

    return run_lists


def result_counts(lines):
    return Counter(line.split()[0] for line in lines if line.split()[0] in ("ok", "error"))


def test_most_random_operations_succeed(run, tmp_path):
    lists = [
        random_list(seed, 200, CAPABILITIES, mix=UNPRIVILEGED_MIX, name=f"s{seed}")
        for seed in range(15)
    ]
    counts = result_counts(run(lists, tmp_path))
    assert counts.total() == 3000
    assert 0.68 < counts["ok"] / counts.total() < 0.88


def tree_of(lines):
    """The type of each path and, of a file, its size."""
    found = {}
    for path, *words in (line.split()[1:] for line in lines if line.startswith("entry ")):
        facts = dict(word.split("=", 1) for word in words)
        kind = KINDS.get(facts["kind"], Type.SPECIAL)
        size = int(facts["size"]) if kind is Type.FILE else 0
        found[read_line(f"unlink {path}").path] = (kind, size)
    del found["."]
    return found


def model_of(operations):
    namespace = Namespace()
    namespace.user = namespace.root.owner = os.geteuid()
    for one in operations:
        if effect := EFFECTS.get(type(one)):
            effect(one, namespace)
    return {
        path: (inode.type, inode.size if inode.type is Type.FILE else 0)
        for path, inode in namespace.entries(*Type)
    }


def test_the_model_is_nearly_what_is_there(run, tmp_path):
    right = wrong = 0
    for seed in range(12):
        made = random_list(seed, 150, CAPABILITIES, mix=UNPRIVILEGED_MIX, name=f"m{seed}")
        there, believed = tree_of(run([made], tmp_path)), model_of(made.operations)
        right += len(there.items() & believed.items())
        wrong += len(there.items() ^ believed.items())
    assert right > 100
    assert wrong < right / 10


def test_exhaustive_lists_have_what_works_and_what_does_not(run, tmp_path):
    lists = list(generate.exhaustive(1, CAPABILITIES))
    lines = iter(run(lists, tmp_path))
    errors, start = [], len(generate.setup(CAPABILITIES))
    for one in lists:
        assert next(lines) == f"enter {one.name}"
        results = [next(lines) for _ in one.operations]
        assert {line.split()[0] for line in results[:start]} == {"ok"}, one.name
        errors.append(results[start])
        while next(lines) != "leave":
            pass
    failed = [line.split()[1] for line in errors if line.startswith("error")]
    assert {"ENOENT", "EEXIST", "ENOTDIR", "EISDIR", "ENOTEMPTY", "EINVAL", "SIGBUS"} <= set(failed)
    assert 0.3 < len(failed) / len(errors) < 0.6
