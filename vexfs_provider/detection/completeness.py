"""Whether a report is whole: a truncated or interleaved one must not be taken at its word."""

from collections.abc import Sequence

from vexfs_provider.detection.stack import (
    HEADINGS,
    UNTITLED,
    begins_stack,
    functions,
)

_BELOW = 15  # lines below a heading in which its first function must come
_UNAVAILABLE = "(stack is not available)"  # mm/kasan/report.c: the allocation was not recorded


def missing_stack(lines: Sequence[str]) -> str:
    """Why the stacks of a report that must have some are not whole; empty if they are."""
    headings = [index for index, text in enumerate(lines) if begins_stack(text)]
    some = False
    for heading in HEADINGS:
        index = next((index for index in headings if heading.search(lines[index])), None)
        if index is None:
            continue
        if index + 3 > len(lines):
            return "the report ends at the heading of a stack"
        if not _stack_below(lines, index):
            return "a stack is empty"
        some = True
    untitled = (index for index in headings if UNTITLED.search(lines[index]))
    some = some or any(_stack_below(lines, index) for index in untitled)
    return "" if some else "no stack"


def _stack_below(lines: Sequence[str], heading: int) -> bool:
    for text in lines[heading + 1 : heading + 1 + _BELOW]:
        if begins_stack(text):
            return False
        if functions(text) or _UNAVAILABLE in text:
            return True
    return False
