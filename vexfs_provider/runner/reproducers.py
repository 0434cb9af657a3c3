"""What lists of operations have shown, made into folders to mail: ``repro/`` in the log folder.

A list is saved when the test ends, ``repro/TITLE.ops``; then it is reduced, and its place is taken
by the folder ``repro/TITLE`` (``ops.bug_report``).
"""

from dataclasses import replace
from pathlib import Path

from vexfs_provider.deadline import Deadline
from vexfs_provider.detection import Evidence, Finding
from vexfs_provider.errors import VexfsError
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.guest.image import find_image
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.ops import bug_report, text
from vexfs_provider.ops.bug_report import BugReport
from vexfs_provider.ops.shell_commands import shell_commands
from vexfs_provider.record import Record
from vexfs_provider.runner.execute import list_artefacts
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.runner.lists import FOLDER
from vexfs_provider.runner.reduction import Reproducer, Suspect, reduce_list

CONSOLE_LIMIT = 32768  # characters of a console excerpt


def reduce_all(job: Job, record: Record, host: Host) -> None:
    """Reduce the saved lists within the job's time for it, and tell their findings what came of it.

    A list that could not be reduced stays where it is, and its finding says why.
    """
    paths = sorted((job.folder / FOLDER).glob("*.ops"))
    if not paths or not job.config.reduce_minutes:
        return
    limit = Deadline(job.config.reduce_minutes * 60.0, "the reduction of lists of operations")
    for number, path in enumerate(paths):
        ops = text.load(path)
        place = next(
            (n for n, one in enumerate(record.findings) if one.title == ops.facts["title"]), None
        )
        if place is None:
            continue  # its finding was judged to be none, as an expected one
        finding = record.findings[place]
        if limit.expired:
            said = f"no time was left to reduce it; the list: {_shown(path, job)}"
        else:
            share = limit.remaining_s / (len(paths) - number)
            said = _reduce(job, path, ops, Deadline(max(1.0, share), limit.what), host)
        evidence = (*finding.evidence, Evidence("scenario", said))
        record.findings[place] = replace(finding, evidence=evidence)
    record.artefacts = list_artefacts(job)


def _reduce(job: Job, path: Path, ops: text.OpsFile, limit: Deadline, host: Host) -> str:
    """What came of one list, in a line or two."""
    title = ops.facts["title"]
    references = tuple(ops.facts["reference"].split(","))
    host.progress.say(f"reducing {len(ops.operations)} operations: {title}")
    try:
        found = reduce_list(job, Suspect(title, ops.operations, references), host, limit)
    except VexfsError as error:
        return f"could not be reduced: {error}; the list: {_shown(path, job)}"
    if found.last is None:
        return f"{found.summary}; the list: {_shown(path, job)}"
    folder = path.with_suffix("")
    bug_report.write(folder, _report(job, found, references, host))
    path.unlink()
    return f"{found.summary}\nto see it again: avocado vexfs replay {_shown(folder, job)}/list.ops"


def _shown(path: Path, job: Job) -> str:
    return str(path.relative_to(job.folder))


def _report(job: Job, found: Reproducer, references: tuple[str, ...], host: Host) -> BugReport:
    assert found.last is not None
    config = job.config
    profile = get_profile(config.filesystem, host.settings.profile_folders)
    divergences = [one for one in found.last.divergences if one.title == found.title]
    disk = next(iter(config.guest.disks), None)
    size, old = (disk.size_mib, disk.old_data_mib) if disk else (None, 0)
    return BugReport(
        title=found.title,
        operations=found.operations,
        divergence=divergences[0] if divergences else None,
        filesystem=config.filesystem,
        commands=shell_commands(profile, size_mib=size, old_data_mib=old),
        kernel=config.guest.kernel,
        reference=", ".join(references),
        console=_excerpt(found),
        environment=_environment(job, found, host),
    )


def _excerpt(found: Reproducer) -> str:
    """What the kernel said, if the finding is its own; else the end of the log."""
    assert found.last is not None
    finding: Finding = next(one for one in found.last.record.findings if one.title == found.title)
    own = [piece.text for piece in finding.evidence if piece.source != "scenario"]
    whole = "\n".join(own) or found.last.console.decode(errors="replace")
    return whole[-CONSOLE_LIMIT:].replace("\r\n", "\n")


def _environment(job: Job, found: Reproducer, host: Host) -> dict[str, str]:
    assert found.last is not None
    config, seen = job.config, found.last.record.configuration
    image = find_image(config.guest.recipe, store=host.store, recipes=host.settings.recipe_folder)
    kernel = get_kernel(config.guest.kernel, store=host.store, progress=host.progress)
    return {
        "kernel release": str(seen.get("kernel_release", "")),
        "kernel SHA-256": kernel.digest,
        "QEMU": str(seen.get("qemu", "")),
        "guest image": config.guest.recipe,
        "guest image SHA-256": image.digest if image else "not known",
        "accelerator": str(seen.get("accelerator", "")),
        "disk": ", ".join(f"{disk.name}: {disk.size_mib} MiB" for disk in config.guest.disks),
    }
