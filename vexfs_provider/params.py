"""Cartesian parameters, which are all strings, become one typed configuration, once.

Avocado-VT's vocabulary is kept where it has one (``image_size_test``, ``drive_cache_test``,
``vm_accelerator`` ...). A missing parameter takes its default here; a bad value raises
``UsageError`` naming the parameter, its value and what is allowed.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.guest.launch import STARTS, GuestSpec
from vexfs_provider.guest.shape import (
    ACCELERATORS,
    AIOS,
    BUSES,
    CACHES,
    FORMATS,
    SECTOR_SIZES,
    Disk,
    Shape,
)
from vexfs_provider.instrumentation.registry import INSTRUMENTS

Values = Mapping[str, str]

MACHINES = ("pc",)  # i440fx: disks are plugged into its PCI bus while the guest runs
SIZE = re.compile(r"(\d{1,6})([MG])")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
OBJECT = re.compile(r"[A-Za-z_]\w{0,127}(?:\+(?:0x[0-9a-f]{1,8}|\d{1,9}))?")
COVERAGES = ("functions", "lines", "no")
OLD_DATA = "64M"  # at the start of a new disk: a disk of zeros hides what is not cleared
DISK_NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")


@dataclass(frozen=True)
class Range:
    """What a scenario's whole-number argument may be, for ``Annotated``; both ends included."""

    low: int
    high: int


@dataclass(frozen=True)
class Names:
    """A scenario's argument that is one or more names, for ``Annotated``."""


@dataclass(frozen=True)
class Switch:
    """A scenario's argument that is ``yes`` or ``no``, for ``Annotated``."""


@dataclass(frozen=True)
class Text:
    """A scenario's argument that is a text, empty if there is none, for ``Annotated``.

    It matches all of ``pattern``; ``allowed`` says so in words.
    """

    pattern: str
    allowed: str


@dataclass(frozen=True)
class TestConfig:
    """One test variant: what to run on what. Times in seconds.

    ``reduce_minutes`` is for making lists of operations that have shown a finding shorter; 0 leaves
    them as they are. ``trace_locks``: trace those of the module, and accesses to ``trace_objects``
    (``SYMBOL`` or ``SYMBOL+OFFSET``); see ``instrumentation``. ``instruments`` are names in
    ``instrumentation.registry`` of those that watch the guest. ``dump_on_panic``: keep the memory
    of a guest that panics. ``monitor_interval_s``: between two samples; 0 takes none. ``coverage``:
    one of ``COVERAGES``, what of the filesystem's module is noted when it is called. ``chosen`` has
    the parameters, as text, that were given and differ from their defaults.
    """

    __test__ = False  # not a test class, whatever pytest makes of its name

    level: int
    scenario: str
    filesystem: str
    accelerator: str
    guest: GuestSpec
    timeout_s: float
    require_module: bool
    reduce_minutes: int = 0
    trace_locks: bool = False
    trace_objects: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    dump_on_panic: bool = False
    monitor_interval_s: int = 1
    coverage: str = "no"
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def test_name(self) -> str:
        """As the variants of ``tests/cfg`` have it, for logs and spans."""
        return f"vexfs.level{self.level}.{self.scenario}.on_{self.filesystem}"


class ParamReader:
    """Typed look-ups in a mapping of strings; ``chosen`` keeps those not at their defaults."""

    def __init__(self, values: Values):
        self._values = values
        self.chosen: dict[str, str] = {}

    def text(self, name: str, default: str | None = None) -> str:
        """The value, stripped. Raises ``UsageError`` if it is missing without a default."""
        value = self._values.get(name)
        if value is None or not str(value).strip():
            if default is None:
                raise UsageError(f"parameter {name!r} is missing")
            return default
        text = str(value).strip()
        if default is not None and text != default:
            self.chosen[name] = text
        return text

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """The value, which must be one of ``allowed``."""
        value = self.text(name, default)
        if value not in allowed:
            raise self.wrong(name, value, ", ".join(allowed))
        return value

    def integer(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", value) or not low <= int(value) <= high:
            raise self.wrong(name, value, f"a whole number from {low} to {high}")
        return int(value)

    def names(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Names separated by spaces or commas, each once."""
        value = self.text(name, " ".join(default))
        found = tuple(value.replace(",", " ").split())
        if not found or len(set(found)) < len(found) or not all(NAME.fullmatch(n) for n in found):
            raise self.wrong(name, value, "different names of letters, digits, _ and -")
        return found

    def matching(self, name: str, pattern: str, allowed: str, default: str) -> str:
        """A text that matches all of ``pattern``, or none."""
        value = self.text(name, default)
        if value and not re.fullmatch(pattern, value):
            raise self.wrong(name, value, allowed)
        return value

    def yes_no(self, name: str, default: str) -> bool:
        """``yes`` or ``no``, as Avocado-VT writes booleans."""
        return {"yes": True, "no": False}[self.one_of(name, ("yes", "no"), default)]

    def size_mib(self, name: str, default: str, *, least: int = 1) -> int:
        """A size such as ``512M`` or ``2G``, in MiB."""
        value = self.text(name, default)
        found = SIZE.fullmatch(value)
        if not found or int(found[1]) < least:
            raise self.wrong(name, value, f"a size such as 512M or 2G, at least {least}M")
        return int(found[1]) * (1024 if found[2] == "G" else 1)

    @staticmethod
    def wrong(name: str, value: str, allowed: str) -> UsageError:
        return UsageError(f"parameter {name} = {value!r}; allowed: {allowed}")


def read_config(values: Values) -> TestConfig:
    """The configuration in ``values``. Raises ``UsageError`` for the first bad one."""
    reader = ParamReader(values)
    shape = Shape(
        machine=reader.one_of("guest_machine", MACHINES, "pc"),
        smp=reader.integer("smp_guest", 1, 64, 2),
        memory_mib=reader.integer("mem_guest", 128, 65536, 512),
    )
    spec = GuestSpec(
        recipe=reader.text("guest_recipe", "debian12"),
        kernel=reader.text("guest_kernel", "6.1"),
        shape=shape,
        disks=tuple(_read_disk(reader, name) for name in _disk_names(reader)),
        start=reader.one_of("guest_start", STARTS, "auto"),
    )
    return TestConfig(
        level=reader.integer("vexfs_level", 1, 3, 1),
        scenario=reader.text("type"),
        filesystem=reader.text("filesystem"),
        accelerator=reader.one_of("vm_accelerator", ("auto", *ACCELERATORS), "auto"),
        guest=spec,
        timeout_s=reader.integer("scenario_timeout", 1, 7 * 86400, 600),
        require_module=reader.yes_no("require_module", "no"),
        reduce_minutes=reader.integer("reduce_minutes", 0, 1440, 0),
        trace_locks=reader.yes_no("trace_locks", "no"),
        trace_objects=_read_objects(reader),
        instruments=_read_instruments(reader),
        dump_on_panic=reader.yes_no("dump_on_panic", "no"),
        monitor_interval_s=reader.integer("monitor_interval", 0, 3600, 1),
        coverage=reader.one_of("coverage", COVERAGES, "no"),
        chosen=reader.chosen,
    )


def read_arguments(scenario: Callable[..., object], values: Values) -> dict[str, Any]:
    """The scenario's keyword-only arguments, each a parameter of that name.

    Its annotation says what it may be: a ``Range``, ``Names``, a ``Switch`` or a ``Text``.
    """
    reader = ParamReader(values)
    arguments: dict[str, Any] = {}
    for parameter in inspect.signature(scenario).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            allowed: Range | Names | Switch | Text = parameter.annotation.__metadata__[0]
            name, default = parameter.name, parameter.default
            if isinstance(allowed, Range):
                arguments[name] = reader.integer(name, allowed.low, allowed.high, default)
            elif isinstance(allowed, Switch):
                arguments[name] = reader.yes_no(name, "yes" if default else "no")
            elif isinstance(allowed, Text):
                arguments[name] = reader.matching(name, allowed.pattern, allowed.allowed, default)
            else:
                arguments[name] = reader.names(name, default)
    return arguments


def _read_objects(reader: ParamReader) -> tuple[str, ...]:
    objects = tuple(reader.text("trace_objects", "").split())
    wrong = [each for each in objects if not OBJECT.fullmatch(each)]
    if wrong:
        allowed = "SYMBOL or SYMBOL+OFFSET, separated by spaces"
        raise reader.wrong("trace_objects", " ".join(wrong), allowed)
    return objects


def _read_instruments(reader: ParamReader) -> tuple[str, ...]:
    names = tuple(reader.text("instrument", "").split())
    if len(set(names)) < len(names) or not set(names) <= INSTRUMENTS.keys():
        allowed = f"none, or different ones of {', '.join(INSTRUMENTS)}"
        raise reader.wrong("instrument", " ".join(names), allowed)
    return names


def _disk_names(reader: ParamReader) -> list[str]:
    names = reader.text("test_images", "test").split()
    for name in names:
        if not DISK_NAME.fullmatch(name) or names.count(name) > 1:
            allowed = "different names of lower-case letters, digits and _, at most 16 characters"
            raise reader.wrong("test_images", " ".join(names), allowed)
    return names


def _read_disk(reader: ParamReader, name: str) -> Disk:
    sectors = tuple(str(size) for size in SECTOR_SIZES)
    logical = int(reader.one_of(f"logical_block_size_{name}", sectors, "512"))
    physical = int(reader.one_of(f"physical_block_size_{name}", sectors, "512"))
    if physical < logical:
        raise reader.wrong(f"physical_block_size_{name}", str(physical), f"at least {logical}")
    return Disk(
        name=name,
        size_mib=reader.size_mib(f"image_size_{name}", "512M"),
        bus=reader.one_of(f"drive_format_{name}", BUSES, "virtio_blk"),
        format=reader.one_of(f"image_format_{name}", FORMATS, "raw"),
        cache=reader.one_of(f"drive_cache_{name}", CACHES, "writeback"),
        aio=reader.one_of(f"image_aio_{name}", AIOS, "threads"),
        logical_sector=logical,
        physical_sector=physical,
        old_data_mib=reader.size_mib(f"old_data_{name}", OLD_DATA, least=0),
    )
