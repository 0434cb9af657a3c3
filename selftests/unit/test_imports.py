"""Imports between the parts of the library point downwards only."""

import ast
from pathlib import Path

import pytest

import vexfs_provider

PACKAGE = Path(vexfs_provider.__file__).parent
SUPPORT = {
    *("vexfs_provider", "errors", "deadline", "paths", "progress", "store", "events", "logs"),
    *("tracing", "tracing_sdk"),
}
"""Parts of the lowest layer, which do import each other, but never in a circle."""

LAYERS = (
    SUPPORT,
    {"detection", "isolation", "settings"},
    {"guest"},
    {"filesystems"},
    {"ops", "faults", "workloads", "instrumentation", "monitoring"},
    {"consistency", "fuzzing"},
    {"params", "record"},
    {"scenarios"},
    {"runner"},
    {"testcase", "corpus"},
    {"plugins_avocado"},
)
"""From the bottom upwards; parts of one layer do not import each other."""

LEVELS = {part: level for level, parts in enumerate(LAYERS) for part in parts}


def part_of(module: str) -> str:
    """The part that a module belongs to: ``vexfs_provider.guest.image`` -> ``guest``."""
    return module.split(".")[1] if "." in module else module


def imports_of(source: str) -> set[str]:
    """The modules of this package that a source text imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which layer they reach"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module == "vexfs_provider" else {str(node.module)}
    return {name for name in found if name.split(".")[0] == "vexfs_provider"}


def wrong_imports(part: str, source: str) -> list[str]:
    """The imports in ``source`` that go upwards or sideways from ``part``."""
    targets = sorted((part_of(name), name) for name in imports_of(source))
    return [
        name
        for target, name in targets
        if target != part
        and not (LEVELS[target] < LEVELS[part])
        and not (target in SUPPORT and part in SUPPORT)
    ]


def module_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", module_files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    part = path.relative_to(PACKAGE).with_suffix("").parts[0]
    part = "vexfs_provider" if part == "__init__" else part
    assert part in LEVELS, f"{path.name} belongs to no layer; add {part!r} to LAYERS"
    assert wrong_imports(part, path.read_text()) == []


def test_support_modules_do_not_import_in_a_circle():
    sources = {path.stem: path.read_text() for path in PACKAGE.glob("*.py")}
    graph = {
        name: {part_of(target) for target in imports_of(text)} & set(sources) - {name}
        for name, text in sources.items()
        if name in SUPPORT
    }
    while ready := {name for name, targets in graph.items() if not targets & set(graph)}:
        graph = {name: targets for name, targets in graph.items() if name not in ready}
    assert graph == {}


@pytest.mark.parametrize(
    ("part", "source", "wrong"),
    [
        (
            "guest",
            "from vexfs_provider.runner.doctor import examine",
            ["vexfs_provider.runner.doctor"],
        ),
        (
            "guest",
            "def f():\n    import vexfs_provider.scenarios.mount",
            ["vexfs_provider.scenarios.mount"],
        ),
        ("guest", "from vexfs_provider import runner", ["vexfs_provider.runner"]),
        ("detection", "from vexfs_provider.isolation import runs", ["vexfs_provider.isolation"]),
        ("guest", "import os\nfrom vexfs_provider.store import Store", []),
        ("guest", "from vexfs_provider.guest.shape import Disk", []),
    ],
)
def test_the_check_itself(part, source, wrong):
    assert wrong_imports(part, source) == wrong
