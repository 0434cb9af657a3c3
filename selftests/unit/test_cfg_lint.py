"""Rules for ``tests/cfg``; breaking one changes which tests there are, or what they are named."""

import importlib.util
import re
from pathlib import Path

import pytest

from vexfs_provider.paths import data_dir

FILES = sorted((data_dir("tests") / "cfg").glob("*.cfg"))
PREFIXES = ("on_", "bus_", "cache_", "sector_", "mem_", "cpus_", "kernel_", "level")


def stock_variants() -> set[str]:
    """The variants of Avocado-VT's own files: one of ours of the same name is chosen with them."""
    spec = importlib.util.find_spec("virttest")
    assert spec and spec.origin
    cfg = Path(spec.origin).parent / "shared" / "cfg"
    text = "".join((cfg / name).read_text() for name in ("guest-hw.cfg", "machines.cfg"))
    return set(re.findall(r"^\s*- @?([\w.-]+):", text, re.MULTILINE)) | {"Guest", "Host", "x86_64"}


STOCK_VARIANTS = stock_variants()


def complaints(text: str, scenarios: set[str]) -> list[str]:
    """What is wrong in one Cartesian file."""
    found = []
    values: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line:
            found.append(f"line {number}: a tab")
        if line != line.rstrip():
            found.append(f"line {number}: blanks at the end")
        if len(line) - len(line.lstrip()) & 3:
            found.append(f"line {number}: indented by other than a multiple of 4")
        if re.match(r"\s*(include|join|suffix)\b", line):
            found.append(f"line {number}: {line.split()[0]} changes the tests' short names")
        if re.match(r"\s*variants\b", line):
            if line.strip() != "variants:":
                found.append(f"line {number}: a named variants block")
            found += _one_dimension(values, scenarios)
            values = []
        elif match := re.match(r"\s+- @?(\S+):$", line):
            values.append(match[1])
    return found + _one_dimension(values, scenarios)


def _one_dimension(values: list[str], scenarios: set[str]) -> list[str]:
    clashes = [
        f"{value}: also a variant of Avocado-VT's" for value in values if value in STOCK_VARIANTS
    ]
    dimensions = {_dimension(value, scenarios) for value in values}
    if len(dimensions) > 1:
        clashes.append(f"{', '.join(values)}: more than one dimension in a block")
    return clashes + [
        f"{value}: no prefix of a dimension" for value in values if not _dimension(value, scenarios)
    ]


def _dimension(value: str, scenarios: set[str]) -> str:
    if value in scenarios:
        return "scenario"
    return next((prefix for prefix in PREFIXES if value.startswith(prefix)), "")


def scenario_names() -> set[str]:
    return {path.stem for path in (data_dir("tests") / "src").glob("*.py")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_cfg_is_clean(path):
    assert complaints(path.read_text(), scenario_names()) == []


def test_stock_variants_are_known():
    assert {"raw", "qcow2", "up", "smp2", "bridge", "ide", "virtio_blk", "q35"} <= STOCK_VARIANTS


def test_the_usual_files_are_checked():
    assert {path.stem for path in FILES} >= {"level1", "level2", "level3", "more", "matrix"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_types_have_a_module(path):
    types = set(re.findall(r"^\s*type = (\S+)$", path.read_text(), re.MULTILINE))
    assert types and types <= scenario_names()


def defaults(path: Path) -> str:
    """The part that Avocado-VT gives no way to share between files."""
    text = path.read_text()
    return text[text.index("    # Around a test,") : text.index("    # The test.")]


def test_defaults_are_the_same_everywhere():
    assert len({defaults(path) for path in FILES}) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- a:\n\tvms =", "a tab"),
        ("- a:\n    variants:\n        - qcow2:", "also a variant of Avocado-VT's"),
        ("- a:\n    variants:\n        - fast:", "no prefix"),
        ("- a:\n    variants:\n        - mem_1:\n        - cpus_1:", "more than one dimension"),
        ("- a:\n    include b.cfg", "short names"),
        ("- a:\n   vms =", "multiple of 4"),
    ],
)
def test_the_lint_finds(text, complaint):
    assert any(complaint in found for found in complaints(text, {"mount_cycle"}))
