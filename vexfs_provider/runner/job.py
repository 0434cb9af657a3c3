"""What a test run is given: the job, and what it uses of this host. Pure data."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.params import TestConfig
from vexfs_provider.progress import Progress
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store

Scenario = Callable[..., None]


@dataclass(frozen=True)
class Host:
    """What a run uses of this host: the user's settings, the store, where progress goes."""

    settings: Settings
    store: Store
    progress: Progress


@dataclass(frozen=True)
class Job:
    """The scenario, its arguments, its configuration, and where its logs go.

    ``precondition`` gets the profile and the arguments before anything is built or started; it
    raises ``NotApplicable`` or ``UsageError`` where the test has no sense.
    """

    scenario: Scenario
    arguments: dict[str, Any]
    config: TestConfig
    folder: Path
    reproduce: str = ""
    precondition: Scenario | None = None
