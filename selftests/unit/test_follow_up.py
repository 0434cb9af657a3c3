"""What came after an oops says so; what came before it, and a second oops, do not."""

from dataclasses import replace

import pytest

from vexfs_provider.detection import Evidence, Finding, Severity, mark_follow_ups, verdict

OOPS = "BUG: unable to handle kernel NULL pointer dereference in demo_read"


def finding(title, kind, offset=None, **more):
    evidence = (Evidence("console.log", title, offset),)
    return Finding(title, kind, None, Severity.ERROR, evidence=evidence, **more)


BEFORE = finding("WARNING in demo_open", "warning", 10)
FIRST = finding(OOPS, "null-deref", 500)
SECOND = finding("general protection fault in demo_write", "gpf", 900)
AFTER = finding("WARNING in do_exit", "warning", 700, cause="look first into kernel/exit.c")
NEAR_ITS_END = Evidence("console.log", "the last lines", 400)
HANG = finding("hang: python3 in exit_mmap", "hang")
HANG = replace(HANG, evidence=(*HANG.evidence, NEAR_ITS_END))


def test_what_came_after_the_first_oops_says_so_in_any_order():
    given = [HANG, AFTER, SECOND, BEFORE, FIRST]
    marked = {one.kind: one for one in mark_follow_ups(given) if one != BEFORE}
    hint = f"came after the kernel's oops, and may be its consequence: {OOPS}"
    assert marked["hang"].cause == hint
    assert marked["warning"].cause == f"look first into kernel/exit.c; {hint}"
    assert marked["gpf"] == SECOND
    assert marked["null-deref"] == FIRST
    assert BEFORE in mark_follow_ups(given)


@pytest.mark.parametrize("given", [[], [AFTER, HANG], [replace(FIRST, expected=True), HANG]])
def test_without_an_oops_nothing_is_marked(given):
    assert mark_follow_ups(given) == given


def test_no_verdict_changes():
    given = [FIRST, AFTER, HANG]
    assert verdict(mark_follow_ups(given)) is verdict(given)
    assert [one.title for one in mark_follow_ups(given)] == [one.title for one in given]
