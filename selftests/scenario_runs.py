"""Scenarios run as an Avocado-VT test would run them, but in the process of the tests."""

from pathlib import Path

from vexfs_provider.params import read_arguments, read_config
from vexfs_provider.progress import Progress
from vexfs_provider.record import Record, check_record
from vexfs_provider.runner.execute import execute
from vexfs_provider.runner.job import Job, Scenario
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store


def run_scenario(scenario: Scenario, folder: Path, *profiles: Path, **values: str) -> Record:
    """The record of a scenario, as its schema wants it; logs go to ``folder``.

    ``profiles`` are folders with filesystems of the tests' own; ``values`` are Cartesian params,
    ``type`` and ``filesystem`` among them.
    """
    config = read_config(values)
    job = Job(scenario, read_arguments(scenario, values), config, folder)
    settings = Settings(profile_folders=profiles)
    record = execute(job, settings=settings, store=Store(), progress=Progress())
    check_record(record.to_dict())
    return record
