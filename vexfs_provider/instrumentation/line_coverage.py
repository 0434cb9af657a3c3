"""Which lines of an out-of-tree module were run, in one guest after another (gcov).

The module must have been built with ``--coverage``, for a kernel that takes the counts: a debug
kernel. The counts are in the guest's kernel: what a guest ran last is lost if it crashes, and said.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

from vexfs_provider.errors import DeadlineExpired, GuestDied, GuestError, NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.module import Module, build_command
from vexfs_provider.instrumentation.gcov import SourceCounts, count_lines

SHOWN = 50  # names in a record; all are in the artefact

_CODE = "line_counts"
_TIMEOUT_S = 60.0


class LineCoverage:
    """The lines of ``module``, whose counts are added up over all guests of a test.

    Raises ``NotApplicable`` if it was built without coverage.
    """

    def __init__(self, module: Module, kernel: str):
        if module.notes is None:
            command = build_command(module.name, kernel, coverage=True)
            raise NotApplicable(
                f"module {module.name} for {module.kernel_release} counts no lines; run: {command}"
            )
        self.module = module
        self.limits: list[str] = []
        self._counts = count_lines(module.notes, self._work, {})

    @property
    def _work(self) -> str:
        return str(self.module.manifest["work"])

    def collect(self, guest: Guest) -> None:
        """Add what the guest has run since the last time."""
        assert self.module.notes is not None
        try:
            guest.load_code(_CODE)
            told: Mapping[str, str] = guest.call(_CODE, "collect", _TIMEOUT_S)
        except (GuestDied, GuestError, DeadlineExpired) as error:
            limit = f"a guest took with it the lines that it ran last: {error}"
            if limit not in self.limits:
                self.limits.append(limit)
            return
        counts = {path: zlib.decompress(base64.b64decode(text)) for path, text in told.items()}
        for path, found in count_lines(self.module.notes, self._work, counts).items():
            self._counts[path].lines.update(found.lines)
            self._counts[path].functions.update(found.functions)

    def to_dict(self) -> dict[str, Any]:
        """JSON values for the artefact: the runs of each line and function."""
        return {
            "module": self.module.name,
            "kernel_release": self.module.kernel_release,
            "files": {
                path: {
                    "lines": {str(line): count for line, count in sorted(found.lines.items())},
                    "functions": dict(sorted(found.functions.items())),
                }
                for path, found in sorted(self._counts.items())
            },
            "limits": self.limits,
        }

    def summary(self) -> dict[str, Any]:
        """JSON values for the record: counts, the first uncovered functions, limits."""
        files = {
            path: {"lines": len(found.lines), "covered": sum(map(bool, found.lines.values()))}
            for path, found in sorted(self._counts.items())
        }
        uncovered = sorted(
            name
            for found in self._counts.values()
            for name, count in found.functions.items()
            if not count
        )
        return {
            "module": self.module.name,
            "kernel_release": self.module.kernel_release,
            "lines": sum(one["lines"] for one in files.values()),
            "covered": sum(one["covered"] for one in files.values()),
            "files": files,
            "uncovered": uncovered[:SHOWN],
            "limits": self.limits,
        }

    def to_lcov(self, test: str) -> str:
        """The same for lcov's tools, as genhtml (geninfo(1), "TRACEFILE FORMAT")."""
        return lcov(self._counts, str(self.module.notes), test)


def lcov(counts: SourceCounts, folder: str, test: str) -> str:
    """A trace file of lcov; the source files are in ``folder``."""
    lines = []
    for path, found in sorted(counts.items()):
        lines += [f"TN:{test}", f"SF:{folder}/{path}"]
        lines += [f"FN:{place},{name}" for name, place in sorted(found.places.items())]
        lines += [f"FNDA:{count},{name}" for name, count in sorted(found.functions.items())]
        lines += [f"FNF:{len(found.functions)}"]
        lines += [f"FNH:{sum(map(bool, found.functions.values()))}"]
        lines += [f"DA:{line},{count}" for line, count in sorted(found.lines.items())]
        lines += [f"LF:{len(found.lines)}", f"LH:{sum(map(bool, found.lines.values()))}"]
        lines.append("end_of_record")
    return "\n".join(lines) + "\n"
