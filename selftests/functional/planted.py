"""A filesystem of our own with planted faults: ``modules/planted``, and a scenario run on it."""

from pathlib import Path

from scenario_runs import run_scenario

from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.module import build_module
from vexfs_provider.progress import Progress
from vexfs_provider.record import Record
from vexfs_provider.runner.job import Scenario
from vexfs_provider.store import Store

SOURCE = Path(__file__).parent / "modules" / "planted"
PROFILE = """
name = "planted"
description = "A filesystem in memory with planted faults"
kind = "module"
type = "vexfs_planted"
capabilities = [{claims}]

[module]
name = "vexfs_planted"
object = "vexfs_planted.ko"
params = ["fault={fault}"]

[vector]
magic = "P"
add = 1
add_direction = "write"
add_fields = "id:I dimension:I data:P label:16s"
search = 2
search_direction = "read_write"
search_fields = "dimension:I k:I metric:I data:P"
result_fields = "id:I distance:I label:16s"
max_dimension = 64
metric_euclidean = 1
metric_manhattan = 2
"""


def run_planted(
    scenario: Scenario, folder: Path, fault: str, claims: str = "", **params: str
) -> Record:
    """The record of a scenario on the planted filesystem; ``claims`` as in the profile."""
    store, progress = Store(), Progress()
    kernel = get_kernel("6.1", store=store, progress=progress)
    build_module("vexfs_planted", SOURCE, kernel=kernel, store=store, progress=progress)
    profiles = folder / "profiles"
    profiles.mkdir()
    (profiles / "planted.toml").write_text(PROFILE.format(fault=fault, claims=claims))
    values = {"type": scenario.__module__, "filesystem": "planted", **params}
    return run_scenario(scenario, folder / "job", profiles, **values)


def titles(record: Record) -> list[str]:
    """The titles of all findings."""
    return [finding.title for finding in record.findings]
