"""The table of allowed differences, applied to the filesystems that are compared."""

from collections import defaultdict
from collections.abc import Iterable

from vexfs_provider.ops.allowances import (
    EndingErrors,
    FactLeftOut,
    Judgement,
    SameErrors,
    TimeLeftOpen,
)
from vexfs_provider.ops.allowed_table import TABLE
from vexfs_provider.ops.facts import KINDS, TIMES
from vexfs_provider.ops.operations import Operation, Seek
from vexfs_provider.ops.outcome import Outcome


class Allowed:
    """The table for a filesystem with the expected differences ``tested``, beside others.

    Without ``times`` none are compared, of files of any kind.
    """

    def __init__(
        self, tested: Iterable[str] = (), references: Iterable[str] = (), *, times: bool = True
    ):
        own = frozenset(tested)
        named = own.union(references)
        self._same = [one for one in TABLE if isinstance(one, SameErrors)]
        self._ending = [one for one in TABLE if isinstance(one, EndingErrors)]
        self._times = [one for one in TABLE if isinstance(one, TimeLeftOpen)]
        self._hole_reports = "hole_reports" not in own
        left_out: dict[str, set[str]] = defaultdict(set)
        if not times:
            left_out |= {kind: set(TIMES) for kind in KINDS}
        for one in TABLE:
            if isinstance(one, FactLeftOut) and one.difference in (named if one.either else own):
                left_out[one.kind].add(one.fact)
        self.left_out = {kind: frozenset(facts) for kind, facts in left_out.items()}

    def judge(self, operation: Operation, expected: Outcome, actual: Outcome) -> Judgement:
        """Two results of an operation; values are compared as words."""
        if expected == actual:
            return Judgement.SAME
        errors = {expected.error, actual.error}
        if any(operation.keyword in one.keywords and errors <= one.errors for one in self._same):
            return Judgement.SAME
        for one in self._ending:
            if errors & one.errors and one.applies(operation):
                return one.judgement
        if isinstance(operation, Seek) and errors == {""} and not self._is_new_lie(actual):
            return Judgement.SAME
        return Judgement.OTHER

    def _is_new_lie(self, actual: Outcome) -> bool:
        """Of two results of which one tells that data were passed over."""
        return bool(actual.value) and self._hole_reports

    def rule_for_times(self, operation: Operation) -> TimeLeftOpen | None:
        """The entry by which the operation may leave other times behind."""
        return next((one for one in self._times if one.applies(operation)), None)
