"""What ``check`` of xfstests says of one test.

Its output has a line that begins with the test's name, and a summary at the end::

    generic/001  5s ...  4s            passed
    generic/002       [not run] this test requires ...
    generic/003       - output mismatch (see .../generic/003.out.bad)
    Ran: generic/003
    Failures: generic/003
    Failed 1 of 1 tests
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from vexfs_provider.errors import InfrastructureError, NotApplicable

SHOWN_LINES = 60
_MISSING = re.compile(r"^(?:check: |common/\w+: )?([\w./+-]+) not found(?: or executable)?$", re.M)
_UNFIT = re.compile(r"failed to (?:mkfs|mount) \$|could not mount |^mount: ", re.M)


class End(enum.Enum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"
    NOT_STARTED = "not started"  # check could not make or mount the filesystem


@dataclass(frozen=True)
class Result:
    """How a test ended, and why, in xfstests' own words."""

    end: End
    reason: str = ""


def judge(test: str, output: str, files: Mapping[str, str]) -> Result:
    """The result of the one test that ``check`` was told to run; ``files`` as ``full`` and so on.

    Raises ``NotApplicable`` if the guest lacks a program without which nothing runs, and
    ``InfrastructureError`` if there is no result at all.
    """
    if test in _summary(output, "Failures"):
        return Result(End.FAILED, _why(test, output))
    if test in _summary(output, "Not run"):
        return Result(End.NOT_RUN, files.get("notrun", "").strip() or _not_run(output))
    if test in _summary(output, "Ran") and "Passed all 1 tests" in output:
        return Result(End.PASSED)
    missing = _MISSING.search(output)
    if missing:
        raise NotApplicable(
            f"xfstests does not run in this guest: {missing[1]} is not there. Its image needs more "
            "packages, as has guest_recipe = xfstests; programs of its own come with its build"
        )
    last = "\n".join(output.strip().splitlines()[-SHOWN_LINES:])
    if _UNFIT.search(output):
        return Result(End.NOT_STARTED, last)
    raise InfrastructureError(f"check of xfstests ended without a result of {test}:\n{last}")


def evidence(result: Result, files: Mapping[str, str]) -> str:
    """What was seen of a test that has failed; of what the kernel said, only its warnings."""
    parts = [result.reason]
    full = files.get("full", "").strip()
    if full and "see" in result.reason and ".full" in result.reason:
        parts.append("end of its .full:\n" + "\n".join(full.splitlines()[-SHOWN_LINES:]))
    return "\n".join(parts)


def _summary(output: str, word: str) -> list[str]:
    found = re.findall(rf"^{word}: (.*)$", output, re.M)
    return " ".join(found).split()


def _why(test: str, output: str) -> str:
    """From the test's own line to the summary."""
    start = re.search(rf"^{re.escape(test)}\b", output, re.M)
    end = re.search(r"^Ran: ", output, re.M)
    text = output[start.start() if start else 0 : end.start() if end else None]
    return "\n".join(text.strip().splitlines()[:SHOWN_LINES])


def _not_run(output: str) -> str:
    found = re.search(r"\[not run\]\s*(.*)", output)
    return found[1].strip() if found else "no reason given"
