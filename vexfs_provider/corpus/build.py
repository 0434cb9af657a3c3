"""``avocado vexfs corpus build``: run the guests, keep their consoles, label and rewrite them."""

import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vexfs_provider.corpus.forms import FORMS, cut_off, draw_forms
from vexfs_provider.corpus.labels import LABELS, LOGS, Label, write_labels
from vexfs_provider.corpus.plan import Task
from vexfs_provider.errors import BuildError, DeadlineExpired, GuestError, UsageError
from vexfs_provider.isolation.runs import start_time
from vexfs_provider.progress import Progress

FORMS_OF_A_CRASH = 3
FORMS_OF_A_BENIGN = 2
PROGRESS_EVERY = 25  # guests
BOUNDARY = b" starts here"
_BUILDING = ".building."
UNASKED = re.compile(
    rb"(?m)^(?:\[ *\d+\.\d+\] )?((?:watchdog: |rcu: )?(?:BUG: |kernel BUG at |WARNING: CPU|Oops: "
    rb"|Kernel panic - |general protection fault|INFO: rcu_|INFO: task ).*)"
)
"""What a guest that was to crash nothing may still say, on a host that is short of time above all.

Plain words, so that no label hangs on the detector's judgement.
"""

Record = Callable[[Task], bytes]
"""Does a task in a guest and returns its console; raises ``GuestError`` if no guest starts."""


@dataclass
class Summary:
    """What was built; ``missed`` are plain sentences about what was not."""

    crashes: int = 0
    benign: int = 0
    logs: int = 0
    kinds: set[str] = field(default_factory=set)
    missed: list[str] = field(default_factory=list)


def write_corpus(
    folder: Path, tasks: Sequence[Task], record: Record, dice: random.Random, progress: Progress
) -> Summary:
    """Do the tasks and fill ``folder``, made beside its place and renamed when it is whole.

    A corpus that is there is replaced. ``dice`` draws the forms.
    Raises ``UsageError`` if ``folder`` holds something else, ``BuildError`` if no guest crashed.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / LABELS).is_file():
        raise UsageError(f"{folder}: holds no corpus; give an empty or a new folder by --out")
    _remove_left(folder)
    work = folder.with_name(f".{folder.name}{_BUILDING}{os.getpid()}")
    (work / LOGS).mkdir(parents=True)
    try:
        summary = _fill(work, tasks, record, dice, progress)
        if folder.exists():
            shutil.rmtree(folder)
        os.rename(work, folder)
    finally:
        if work.exists():
            shutil.rmtree(work)
    return summary


def _remove_left(folder: Path) -> None:
    """Remove what builders that were killed have left of this corpus."""
    for left in folder.parent.glob(f".{folder.name}{_BUILDING}*"):
        if start_time(int(left.name.rpartition(".")[2])) is None:
            shutil.rmtree(left)


def _fill(
    work: Path, tasks: Sequence[Task], record: Record, dice: random.Random, progress: Progress
) -> Summary:
    summary = Summary()
    labels: list[Label] = []
    for number, task in enumerate(tasks, start=1):
        log = _recorded(task, record, summary)
        if number % PROGRESS_EVERY == 0 or number == len(tasks):
            progress.say(f"corpus: {number} of {len(tasks)} guests")
        if log is None:
            continue
        for label, text in _in_forms(task, log, f"{number:05}", dice):
            (work / label.file).write_bytes(text)
            labels.append(label)
    if not summary.crashes:
        raise BuildError("no guest crashed: " + "; ".join(summary.missed[:5]))
    write_labels(work, labels)
    summary.logs = len(labels)
    return summary


def _recorded(task: Task, record: Record, summary: Summary) -> bytes | None:
    """The task's console; None, and a sentence in the summary, if it is not what was wanted."""
    what = f"{task.kind} on {task.kernel.name} ({task.setting.text})"
    try:
        log = record(task)
    except (GuestError, DeadlineExpired) as error:
        summary.missed.append(f"no guest for {what}: {str(error).splitlines()[0]}")
        return None
    if task.says and task.says.encode() not in log[max(0, log.rfind(BOUNDARY)) :]:
        summary.missed.append(f"did not fire: {what}: no {task.says!r} on the console")
        return None
    unasked = None if task.crash else UNASKED.search(log)
    if unasked:
        words = unasked[1].decode(errors="replace").strip()
        summary.missed.append(f"crashed unasked: {what}: {words}")
        return None
    if task.crash:
        summary.crashes += 1
        summary.kinds.add(task.kind)
    else:
        summary.benign += 1
    return log


def _in_forms(
    task: Task, log: bytes, number: str, dice: random.Random
) -> Iterator[tuple[Label, bytes]]:
    """The log as it was recorded and rewritten; a crash also cut off."""
    label = Label(
        id=f"{number}-0",
        file=f"{LOGS}/{number}-0.log",
        crash=task.crash,
        kind=task.kind,
        expected=task.expected,
        kernel=task.kernel.name,
        machine=task.setting.text,
        form="as recorded",
        group=task.group,
        note=task.note,
    )
    yield label, log
    count = FORMS_OF_A_CRASH if task.crash else FORMS_OF_A_BENIGN
    texts = {name: FORMS[name](log, dice) for name in draw_forms(dice, count)}
    cut = cut_off(log, task.says.encode(), dice) if task.crash else None
    if cut is not None:
        texts["cut off"] = cut
    for place, (form, text) in enumerate(texts.items(), start=1):
        other = f"{number}-{place}"
        yield replace(label, id=other, file=f"{LOGS}/{other}.log", form=form), text
