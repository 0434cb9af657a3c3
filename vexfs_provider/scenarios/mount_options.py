"""Mount options: each that is documented, pairs of them, unknown ones, and remounts."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.covering import Covering
from vexfs_provider.filesystems.mount_options import MountOptions
from vexfs_provider.filesystems.profile import Kind
from vexfs_provider.params import Range
from vexfs_provider.scenarios.attempt import attempt
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import MOST_GUESTS, Check, load, run_checks
from vexfs_provider.scenarios.expecting import expecting

CODE = "mount_trial"
PLACE = "/mnt/options"
MADE_UP = ("vexfs_made_up_option", "vexfs_made_up_option=1")
EARLIER = 2  # so many files of earlier mounts are read at each
CALL_TIMEOUT_S = 60.0

REMOUNT = Check("mount_remount", "remounts_stop_and_free_writers", timeout_s=120.0)

Problem = dict[str, Any]
"""What ``mount_trial`` answers when something was wrong; empty if the mount has cost the guest."""


@dataclass
class Trials:
    """Mounts with options, one after another, each with a file that the later ones read."""

    bench: Bench
    number: int = 0
    written: list[int] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    ready: bool = False

    def attempt(self, options: Sequence[str]) -> Problem | None:
        """Mount with these options; None if all was right."""
        answer = attempt(self.bench, partial(self._mount, options))
        self.ready = answer == {}  # else what is wrong now would be wrong in all that follow
        return {} if answer is None else answer or None

    def refuse(self, option: str) -> Problem | None:
        """Mount with an option that must be refused; None if it was, or has cost the guest."""
        answer = attempt(self.bench, partial(self._call, "refused", [option]))
        self.ready = answer == {}
        return answer or None

    def _mount(self, options: Sequence[str]) -> Problem:
        self.number += 1
        earlier = self.written[-EARLIER:] if self.bench.device and self.ready else []
        arguments = {"number": self.number, "earlier": earlier}
        problem = self._call("attempt", options, **arguments)
        if not problem and "ro" not in options:
            self.written.append(self.number)
        return problem

    def _call(self, function: str, options: Sequence[str], **more: Any) -> Problem:
        """The problem, empty where there is none."""
        bench = self.bench
        if not self.ready:
            load(bench, [Check(CODE, "attempt")])
            bench.make()
            self.written.clear()
            self.ready = True
        arguments = {"place": PLACE, "options": options, **more}
        arguments["subject"] = bench.filesystem.system_call(bench.device)
        with bench.step(f"mount -o {','.join(options)}"):
            return bench.guest.call(CODE, function, CALL_TIMEOUT_S, **arguments) or {}


def run(bench: Bench, *, pair_seconds: Annotated[int, Range(1, 86400)] = 60) -> None:
    """Mount with each documented option, then with pairs of them, and do I/O each time.

    The options are those of the profile (``documented_options``) and those that all filesystems
    share. Pairs are tried many in one mount, in an order that is always the same, until all were
    tried or ``pair_seconds`` are over; where a mount with many goes wrong, the fewest that do are
    reported. The record says how many were tried (``configuration.mount_options``). Then an unknown
    option must be refused, and remounts read-only and back must stop writers and let them go on.
    No metrics.
    """
    options = bench.profile.documented_options
    if bench.profile.kind is Kind.FUSE:
        raise NotApplicable("a daemon takes its options as it likes; mount(2) has no say in them")
    if options is None:
        raise NotApplicable(f"the profile {bench.profile.name} has no table documented_options")
    values = _usable(bench, options)
    trials = Trials(bench)
    _each(bench, options, values, trials)
    covering = Covering(options, [value for value in values if value not in trials.refused])
    _pairs(bench, options, covering, trials, Deadline(pair_seconds, "pairs of mount options"))
    bench.record.configuration["mount_options"] = {
        "source": options.source,
        "options_tried": len(values),
        "pairs_tried": covering.tried,
        "pairs": covering.total,
        "mounts": trials.number,
    }
    _unknown(bench, trials)
    bench.finish()
    data = ",".join(bench.filesystem.system_call(bench.device)["options"])
    run_checks(bench, [replace(REMOUNT, arguments={"top": bench.mountpoint, "data": data})])


def _usable(bench: Bench, options: MountOptions) -> list[str]:
    """The options that the guest's kernel can have; the others are noted."""
    for name, reason in options.untested.items():
        bench.unsupported(f"mount option {name}: {reason}")
    usable = []
    for value in (value for choice in options.all_choices for value in choice):
        needed = options.needs_kernel.get(value)
        if needed and f"\n{needed}=" not in bench.kernel_config:
            bench.unsupported(f"mount option {value}: the kernel lacks {needed}")
        else:
            usable.append(value)
    return usable


def _each(bench: Bench, options: MountOptions, values: Sequence[str], trials: Trials) -> None:
    for value in values:
        if _too_many_guests(bench, f"mount options from {value} on"):
            return
        chosen = options.with_needs([value])
        problem = trials.attempt(chosen)
        if problem is not None:
            trials.refused.add(value)
            _report(bench, chosen, problem)


def _pairs(
    bench: Bench, options: MountOptions, covering: Covering, trials: Trials, limit: Deadline
) -> None:
    while (row := covering.next_row()) and not limit.expired:
        if _too_many_guests(bench, "further pairs of mount options"):
            return
        problem = trials.attempt(row)
        if problem is None:
            covering.done(row)
            continue
        fewest, problem = _fewest(options, row, problem, trials)
        _report(bench, fewest, problem)
        covering.refuse(fewest[:2])


def _fewest(
    options: MountOptions, row: tuple[str, ...], problem: Problem, trials: Trials
) -> tuple[tuple[str, ...], Problem]:
    """Leave out one option after the other, for as long as something goes wrong."""
    for value in row:
        needing = [one for one in row if value in options.needs.get(one, ())]
        fewer = tuple(one for one in row if one not in (value, *needing))
        if len(fewer) > 1 and problem and (again := trials.attempt(fewer)) is not None:
            row, problem = fewer, again
    return row, problem


def _unknown(bench: Bench, trials: Trials) -> None:
    for option in MADE_UP:
        with _complaints(bench):
            problem = trials.refuse(option)
        if problem is not None:
            bench.fail(
                "an unknown mount option is not refused",
                kind="mount-option",
                **{key: problem[key] for key in ("operation", "expected", "actual")},
            )


def _complaints(bench: Bench) -> AbstractContextManager[None]:
    """Some filesystems call an option that they refuse an error."""
    known = bench.profile.superblock
    return expecting(bench, known.reports) if known else nullcontext()


def _too_many_guests(bench: Bench, what: str) -> bool:
    lost = len(bench.record.guests) >= MOST_GUESTS
    if lost:
        bench.unsupported(f"{what}: not tried, {MOST_GUESTS} guests were lost before")
    return lost


def _report(bench: Bench, options: Sequence[str], problem: Problem) -> None:
    """The finding of a mount that went wrong; one that cost the guest is reported already."""
    if problem:
        bench.fail(
            f"mount option {','.join(options)}: {problem['operation']}",
            kind="mount-option",
            operation=f"mount -o {','.join(options)}, then I/O: {problem['operation']}",
            expected=problem["expected"],
            actual=problem["actual"],
        )
