"""Tests of xfstests that are known to fail on a filesystem, each with its reason.

They stand in the profile's table ``xfstests_failures``, or in a TOML file of the user's own::

    "generic/004" = "no O_TMPFILE"
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError

TEST = r"[a-z0-9]{1,16}/\d{3,5}(?:-[A-Za-z0-9-]{1,64})?"
"""A test's name below ``tests/``: its folder and its number, with a few words in rare cases."""


def read_known_failures(value: Any) -> Mapping[str, str]:
    """The table as it is; ``ValueError`` with what is allowed."""
    if not isinstance(value, dict):
        raise ValueError("a table")
    named = all(re.fullmatch(TEST, name) for name in value)
    if not named or not all(isinstance(reason, str) and reason for reason in value.values()):
        raise ValueError('a table of tests as "generic/001", each with its reason, a text')
    return value


def load_known_failures(path: Path) -> Mapping[str, str]:
    """Those in a file. Raises ``UsageError`` naming it and what is wrong with it."""
    try:
        return read_known_failures(tomllib.loads(path.read_text()))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no list of known failures: {error}") from error
    except ValueError as error:
        raise UsageError(f"{path}: must be {error}") from error
