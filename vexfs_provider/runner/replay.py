"""``avocado vexfs replay``: run a list of operations again and say whether its finding shows."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.detection import Finding
from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.ops.text import OpsFile, load
from vexfs_provider.params import TestConfig, read_config
from vexfs_provider.progress import Progress
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.runner.reduction import Tried, try_list
from vexfs_provider.settings import load_settings
from vexfs_provider.store import Store

MOST_TRIES = 1000
DEFAULTS = {"filesystem": "ext4", "reference": "xfs", "kernel": "6.1"}


@dataclass(frozen=True)
class Choice:
    """What to run a list on: the words of the command line, else those of the list's file."""

    filesystem: str
    references: tuple[str, ...]
    kernel: str
    title: str


def replay(
    path: Path,
    *,
    filesystem: str | None,
    reference: str | None,
    kernel: str | None,
    tries: int,
    as_json: bool,
) -> int:
    """Run the list ``tries`` times, each in a fresh guest; 1 if its finding shows, else 0.

    Without a title in the file any finding counts. Raises ``UsageError`` for a bad file or word.
    """
    if not 1 <= tries <= MOST_TRIES:
        raise UsageError(f"--tries {tries}; allowed: 1 to {MOST_TRIES}")
    ops = load(path)
    given = {"filesystem": filesystem, "reference": reference, "kernel": kernel}
    choice = choose(ops, given)
    host = Host(load_settings(), Store(), Progress())
    for name in (choice.filesystem, *choice.references):
        get_profile(name, host.settings.profile_folders)
    with tempfile.TemporaryDirectory(prefix="vexfs-replay-") as folder:
        job = Job(_nothing, {}, config_for(choice), Path(folder))
        results = [try_list(job, ops.operations, choice.references, host) for _ in range(tries)]
    shown = sum(shows(choice, one) for one in results)
    report = describe(path, ops, choice, results, shown)
    print(json.dumps(report) if as_json else "\n".join(lines(report)))
    return 1 if shown else 0


def choose(ops: OpsFile, given: dict[str, str | None]) -> Choice:
    """The user's words win over the file's facts, those over the defaults."""
    chosen = {name: given[name] or ops.facts.get(name) or DEFAULTS[name] for name in DEFAULTS}
    filesystem = chosen["filesystem"]
    if chosen["reference"] == filesystem and not given["reference"]:
        chosen["reference"] = next(n for n in ("ext4", "xfs") if n != filesystem)
    references = tuple(chosen["reference"].replace(",", " ").split())
    return Choice(filesystem, references, chosen["kernel"], ops.facts.get("title", ""))


def config_for(choice: Choice) -> TestConfig:
    """The configuration of one try: the default machine with a disk for each filesystem."""
    disks = ["test", *(f"reference{n}" for n, _ in enumerate(choice.references, start=1))]
    values = {
        "type": "differential",
        "filesystem": choice.filesystem,
        "guest_kernel": choice.kernel,
        "test_images": " ".join(disks),
        "reference": ",".join(choice.references),
    }
    return read_config(values)


def shows(choice: Choice, tried: Tried) -> bool:
    """Whether a try shows the finding that the list is about."""
    if choice.title:
        return tried.shows(choice.title)
    return bool(_unexpected(tried))


def describe(
    path: Path, ops: OpsFile, choice: Choice, results: list[Tried], shown: int
) -> dict[str, Any]:
    """What came of it, as JSON values; ``findings`` has the first evidence by the title."""
    found = [one for tried in results for one in _unexpected(tried)]
    return {
        "list": str(path),
        "operations": len(ops.operations),
        "filesystem": choice.filesystem,
        "reference": list(choice.references),
        "kernel": choice.kernel,
        "title": choice.title,
        "tries": len(results),
        "shown": shown,
        "findings": {one.title: one.evidence[0].text if one.evidence else "" for one in found},
    }


def lines(report: dict[str, Any]) -> list[str]:
    """The same for people."""
    what = f"{report['operations']} operations on {report['filesystem']}, kernel {report['kernel']}"
    title = report["title"] or "a finding"
    if report["shown"]:
        said = [f"reproduced in {report['shown']} of {report['tries']} tries: {title}"]
    else:
        said = [f"not reproduced in {report['tries']} tries: {title}"]
    for name, text in report["findings"].items():
        said += ["", f"finding: {name}", *(f"    {line}" for line in text.splitlines())]
    return [what, *said]


def _unexpected(tried: Tried) -> list[Finding]:
    return [one for one in tried.record.findings if not one.expected]


def _nothing() -> None:
    """The scenario of a job that only says how its tries are configured."""
