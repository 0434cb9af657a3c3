"""What may have led to a report: the file to blame, and what the kernel met just before."""

import re

from vexfs_provider.detection.guilty_file import guilty_file

NEAR = 16384  # bytes before a report in which something still counts as just before it
FAULT_NOTE = "vexfs: fault: "
"""Starts the kernel log's line that a test writes when it injects a fault."""

# A text that is in each of them, for speed; the pattern; the words for it.
_EVENTS = (
    # lib/fault-inject.c, fail_dump: two lines, the second with the fault's name
    (
        b"FAULT_INJECTION: forcing",
        re.compile(
            rb"FAULT_INJECTION: forcing a failure\.[^\r\n]{0,80}[\r\n]{1,4}[^\r\n]{0,80}?"
            rb"\bname (?P<what>\w{1,40})"
        ),
        "a fault was injected: {what}",
    ),
    (
        FAULT_NOTE.encode(),
        re.compile(re.escape(FAULT_NOTE.encode()) + rb"(?P<what>[^\r\n]{1,160})"),
        "a fault was injected: {what}",
    ),
    (
        b"I/O error, dev",
        re.compile(rb"I/O error, dev (?P<what>\w{1,32}), sector"),
        "the block layer had an I/O error on {what}",
    ),
    (
        b": page allocation failure",
        re.compile(rb"[\w:/.-]{1,40}: page allocation failure: (?P<what>order:\d{1,2})"),
        "an allocation of memory failed ({what})",
    ),
)


def probable_cause(console: bytes, start: int, end: int) -> str:
    """A hint at the cause of the report in the bytes from ``start`` to ``end``; may be empty.

    It names what is seen and claims no more: the first source file of a symbolised report that does
    not only serve others, and the last fault, I/O error or failed allocation shortly before.
    """
    begin = max(0, start - NEAR)
    file = guilty_file(console[start:end].decode("utf-8", "replace"))
    return cause_hint(file, console[begin:start], begin)


def cause_hint(file: str | None, before: bytes, first: int) -> str:
    """The same from a report's guilty file and the bytes before it, which start at ``first``."""
    hints = [f"look first into {file}"] if file else []
    event = _last_event(before, first)
    return "; ".join([*hints, event] if event else hints)


def _last_event(near: bytes, first: int) -> str:
    present = [(pattern, words) for text, pattern, words in _EVENTS if text in near]
    events = [(found, words) for pattern, words in present for found in pattern.finditer(near)]
    if not events:
        return ""
    found, words = max(events, key=lambda event: event[0].start())
    what = found["what"].decode("utf-8", "replace").strip()
    return f"just before, {words.format(what=what)} (byte {first + found.start()})"
