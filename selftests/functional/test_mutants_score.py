"""The mutation score in small: one mutant for each level to kill, and one filesystem to spare.

All of it is ``make bench-mutants``; here, a level is one scenario.
"""

from collections.abc import Iterator

import pytest
from mutants import kernel, levels
from mutants.levels import Result, check, hunt
from mutants.subjects import CONTROLS, Subject

from vexfs_provider.progress import Progress
from vexfs_provider.scenarios import basic_io, differential
from vexfs_provider.store import Store

pytestmark = pytest.mark.usefixtures("runtime", "module")

LEVELS = {
    "level1": {"basic_io": basic_io.run},
    "differential": {"differential": differential.short},
}
_, MODULE = CONTROLS


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module is built, and levels are short."""
    kernel.build("6.1", store=Store(), progress=Progress())
    monkeypatch.setattr(levels, "LEVELS", LEVELS)


def with_bug(name: str) -> Subject:
    [mutant] = [one for one in kernel.list_kernel_mutants() if one.name == name]
    return Subject(MODULE.filesystem, mutant)


def results(subject: Subject) -> Iterator[Result]:
    """What each level finds."""
    for level in LEVELS:
        yield hunt(subject, level)


def test_level_1_kills():
    result = hunt(with_bug("truncate_spares_the_last_block"), "level1")
    assert (result.status, result.scenario) == ("killed", "basic_io")
    assert result.title.startswith("truncated_bytes_do_not_come_back: content after")


def test_a_comparison_kills_what_level_1_lets_live():
    first, second = results(with_bug("overwrites_stay_clean"))
    assert (first.status, second.status) == ("survived", "killed")
    assert second.title == "differential: after a remount a file has another content"


@pytest.mark.parametrize("level", LEVELS)
def test_a_filesystem_without_a_bug_lives(level):
    [scenario] = LEVELS[level]
    result = check(MODULE, level, scenario)
    assert (result.status, result.title) == ("survived", "")


@pytest.mark.parametrize("name", ["6.1", "6.12"])
def test_the_module_is_built_for_its_kernel(name):
    module = kernel.build(name, store=Store(), progress=Progress())
    assert [path.name for path in module.objects] == ["mutantfs_kernel.ko"]
    assert [path.name for path in module.tools.iterdir()] == ["mkfs.mutantfs"]
