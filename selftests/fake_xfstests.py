"""A tiny tree in the format of xfstests, of our own: its ``check`` knows what is asked of it here.

It makes, mounts and unmounts TEST_DEV, runs the one test, and compares its output.
"""

from pathlib import Path

CHECK = r"""#!/bin/bash
# Like xfstests' own: check TEST
mount -t "$FSTYP" "$TEST_DEV" "$TEST_DIR" || { echo "check: failed to mount \$TEST_DEV"; exit 1; }
test=$1
folder=$RESULT_BASE/${test%/*}
mkdir -p "$folder"
export seqres=$RESULT_BASE/$test
echo "run fstests $test" >/dev/kmsg
printf '%s ' "$test"
bash "tests/$test" >"$seqres.out"
status=$?
umount "$TEST_DIR"
if [ -f "$seqres.notrun" ]; then
    echo "[not run] $(cat "$seqres.notrun")"
    printf 'Ran: %s\nNot run: %s\nPassed all 1 tests\n' "$test" "$test"
    exit 0
fi
if [ $status = 0 ] && diff "tests/$test.out" "$seqres.out" >"$seqres.out.bad"; then
    printf ' 1s\nRan: %s\nPassed all 1 tests\n' "$test"
    exit 0
fi
echo "- output mismatch (see $seqres.out.bad)"
cat "$seqres.out.bad"
printf 'Ran: %s\nFailures: %s\nFailed 1 of 1 tests\n' "$test" "$test"
exit 1
"""

GIVEN = "fsgqa\ndisk"
TESTS = {
    "001": ("auto quick", 'echo content >"$TEST_DIR/file"; cat "$TEST_DIR/file"', "content"),
    "002": ("auto quick", "echo something else", "content"),
    "003": ("auto quick", 'echo "needs a moon" >"$seqres.notrun"', ""),
    "004": ("auto quick dangerous", "echo c >/proc/sysrq-trigger", ""),
    "005": ("auto quick", 'id -un fsgqa; touch here; test -b "$SCRATCH_DEV" && echo disk', GIVEN),
    "006": ("slow", "true", ""),
}
"""Number -> groups, script and output that it must have: they pass, fail, do not run, crash their
guest, look at what they were given, and one is in no group that is run."""


def make_tree(folder: Path) -> Path:
    """The tree, in a new folder ``tree``."""
    tree = folder / "tree"
    tests = tree / "tests" / "generic"
    tests.mkdir(parents=True)
    (tree / "check").write_text(CHECK)
    (tree / "check").chmod(0o755)
    lines = ["# made by fake_xfstests.py", *(f"{name} {row[0]}" for name, row in TESTS.items())]
    (tests / "group.list").write_text("\n".join(lines) + "\n")
    for name, (_, script, expected) in TESTS.items():
        (tests / name).write_text(f"{script}\n")
        (tests / f"{name}.out").write_text(f"{expected}\n" if expected else "")
    return tree
