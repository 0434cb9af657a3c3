"""Lists of operations on the hunt for findings: run, compared, and where need be, blamed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vexfs_provider.detection import Evidence
from vexfs_provider.errors import AgentLost, DeadlineExpired, GuestDied
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.guest.guest import GuestHung
from vexfs_provider.ops.divergence import Divergence
from vexfs_provider.ops.operations import Remount
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.stopped import ExecutorStopped
from vexfs_provider.ops.text import write_line
from vexfs_provider.ops.trial import BEGINNING, Case
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.comparison import Comparison

MOST_GUESTS = 24  # a filesystem that kills every guest must not keep the machine busy for ever
LISTS_A_GROUP = 50
# When filesystems are made anew or mounted between lists.
COSTLY = (GuestDied, AgentLost, GuestHung, AgentError, FilesystemError)


class Hunt:
    """Runs lists and turns what differs, and what stops the filesystem, into findings.

    For each finding the bench keeps the shortest list that has shown it. ``goes_on`` tells whether
    there are guests left to run more.
    """

    def __init__(
        self, bench: Bench, references: Sequence[str], comparison: Comparison | None = None
    ):
        self._bench = bench
        self._lists = 0
        self._operations = 0
        self._rates: list[float] = []
        self._confirmed: set[str] = set()
        self.divergences: list[Divergence] = []
        self.goes_on = True
        bench.references = tuple(references)
        self.comparison = comparison or Comparison(bench, references)

    def round(self, lists: Sequence[OpList]) -> None:
        """Run all lists; one that costs the guest is left out, the others go on in a fresh one."""
        groups = list(_groups(lists))
        while groups:
            if not self.goes_on:
                left = sum(len(group) for group in groups)
                self._bench.unsupported(
                    f"differential: {left} lists not run, {MOST_GUESTS} guests were lost before"
                )
                return
            group = groups.pop(0)
            groups[:0] = self._run(group)

    def report(self) -> None:
        """The metrics of all rounds."""
        record = self._bench.record
        record.add_metric("differential_lists", "lists", "higher", [self._lists])
        record.add_metric("differential_operations", "operations", "higher", [self._operations])
        if self._rates:
            record.add_metric("operations_per_sec", "1/s", "higher", self._rates)

    def _run(self, group: list[OpList]) -> list[list[OpList]]:
        """Run some lists; returns those that must be run again, in groups."""
        bench, comparison = self._bench, self.comparison
        seconds, operations = comparison.seconds, comparison.operations
        alone = comparison.empty and len(group) == 1
        try:
            with bench.step("lists of operations"):
                cases = comparison.cases(group)
                rate = _rate(comparison.operations - operations, comparison.seconds - seconds)
                cases = cases if alone else self._confirm(cases)
        except ExecutorStopped as stopped:
            return self._after_stop(stopped, group)
        except COSTLY as error:
            return self._after_unknown(error, group, bench.step_name)
        self._lists += len(group)
        self._operations += sum(len(one.operations) for one in group)
        self._rates += rate
        for case in cases:
            self._note(case)
        if bench.kernel_trouble():
            return self._after_unknown(None, group, bench.step_name)
        return []

    def _confirm(self, cases: Sequence[Case]) -> list[Case]:
        """Give the cases the titles that they will have again.

        Beside others a list may run into what these have left, and an operation be blamed by
        chance. So where a title is new, what counts is what its list shows on empty filesystems;
        nothing at all, and the case stays as it is.
        """
        confirmed = []
        for case in cases:
            title = case.divergence.title
            alone = [case] if title in self._confirmed else self.comparison.cases_alone(case.list)
            titles = {one.divergence.title for one in alone}
            self._confirmed |= titles
            confirmed += [case] if title in titles or not alone else alone
        return confirmed

    def _note(self, case: Case) -> None:
        bench, one = self._bench, case.divergence
        self.divergences.append(one)
        bench.keep_list(one.title, case.list.operations)
        if all(finding.title != one.title for finding in bench.record.findings):
            reference = ", ".join(bench.references)
            bench.fail(
                one.title,
                kind="differential",
                operation=_where(case),
                expected=f"{one.expected} (on {reference})" if case.by_reference else one.expected,
                actual=one.actual,
            )

    def _after_stop(self, stopped: ExecutorStopped, group: list[OpList]) -> list[list[OpList]]:
        """Judge what stopped a list; returns the others, none of which has been compared.

        Raises ``DeadlineExpired`` if that was the end of the test's time.
        """
        if isinstance(stopped.cause, DeadlineExpired) and not isinstance(stopped.cause, GuestHung):
            raise stopped.cause
        name = stopped.name.partition(BEGINNING)[0]
        [guilty] = [one for one in group if one.name == name]
        others = [one for one in group if one is not guilty]
        index = stopped.index
        if index is None or (stopped.line == Remount.keyword and others):
            return self._after_unknown(stopped.cause, group, f"differential: {stopped.line}")
        counts = self._counts()
        keyword = stopped.line.partition(" ")[0]
        self._replace_guest(stopped.cause, f"differential: {keyword}")
        self._blame(
            OpList(guilty.name, guilty.operations[: index + 1]),
            counts,
            f"operation in flight: {stopped.line} (operation {index} of list {guilty.name})",
        )
        return [others] if others else []

    def _after_unknown(
        self, error: Exception | None, group: list[OpList], step: str
    ) -> list[list[OpList]]:
        """Where nothing tells which list it was: the halves of the group do, or their halves."""
        counts = self._counts()
        self._replace_guest(error, step)
        if len(group) > 1:
            return _halves(group)
        self._blame(group[0], counts, f"while list {group[0].name} was run")
        return []

    def _counts(self) -> dict[str, int]:
        return {finding.title: finding.count for finding in self._bench.record.findings}

    def _blame(self, guilty: OpList, before: dict[str, int], text: str) -> None:
        """Say in each finding that has come or come again, and keep for it, which list it was."""
        findings = self._bench.record.findings
        for place, finding in enumerate(findings):
            if finding.count > before.get(finding.title, 0):
                self._bench.keep_list(finding.title, guilty.operations)
                evidence = Evidence("scenario", text)
                findings[place] = replace(finding, evidence=(*finding.evidence, evidence))

    def _replace_guest(self, error: Exception | None, step: str) -> None:
        bench = self._bench
        bench.name_step(step)
        bench.recover(error)
        self.goes_on = len(bench.record.guests) < MOST_GUESTS
        if self.goes_on:
            self.comparison.set_up()


def _rate(operations: int, seconds: float) -> list[float]:
    """Operations a second, if there were any."""
    return [operations / seconds] if seconds > 0 else []


def _groups(lists: Sequence[OpList]) -> Iterator[list[OpList]]:
    for start in range(0, len(lists), LISTS_A_GROUP):
        yield list(lists[start : start + LISTS_A_GROUP])


def _halves(group: list[OpList]) -> list[list[OpList]]:
    middle = len(group) // 2
    return [group[:middle], group[middle:]]


def _where(case: Case) -> str:
    one, operations = case.divergence, case.list.operations
    place = f"list {case.list.name}, {len(operations)} operations"
    number = one.index if one.index is not None else one.culprit
    if number is not None:
        place = f"{write_line(operations[number])} (operation {number} of {place})"
    return f"{place}: {one.attribute} of {one.path!a}" if one.path else place
