"""What a panel is, without Grafana's words for it: data that ``dashboard`` makes a file of."""

import enum
from dataclasses import dataclass

from results_parsers.metrics.families import TEST

CHOSEN = ("filesystem", "kernel", "level", "scenario")
"""Labels that the dashboard's reader chooses values of: each is a variable of its name."""

GOOD, BAD = "green", "red"
RATIO = "suffix:x"  # Grafana's way to a unit that it does not know
WORST = 15  # tests, where only the worst are shown

Limits = tuple[tuple[float | None, str], ...]
"""Colours, each from a value on; that of ``None`` is below all others."""


class Kind(enum.Enum):
    """How a panel shows its figures; the value is the name of Grafana's plugin."""

    STAT = "stat"
    BAR_GAUGE = "bargauge"
    TABLE = "table"
    TIME_SERIES = "timeseries"
    HEAT_MAP = "heatmap"
    STATE_TIMELINE = "state-timeline"

    @property
    def is_of_now(self) -> bool:
        """Whether it shows the last values only, and not how they came about."""
        return self in (Kind.STAT, Kind.BAR_GAUGE, Kind.TABLE)


@dataclass(frozen=True)
class Query:
    """PromQL, in which ``$NAME`` is a variable; ``legend`` names a series: ``{{label}}``."""

    expression: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """Figures under a title. ``unit`` is one of Grafana's (``s``, ``percentunit``, ``MBs``, ...).

    ``empty`` is shown instead of figures where there may well be none; ``states`` are the texts
    and colours of values; ``width`` is in the 24 columns of a dashboard, 0 the kind's own.
    """

    title: str
    description: str
    kind: Kind
    unit: str
    queries: tuple[Query, ...]
    limits: Limits = ()
    lowest: float | None = None
    highest: float | None = None
    empty: str = ""
    states: tuple[tuple[int, str, str], ...] = ()
    width: int = 0


@dataclass(frozen=True)
class Row:
    """Panels about one subject."""

    title: str
    panels: tuple[Panel, ...]


def good_from(value: float) -> Limits:
    """What is less than ``value`` is bad."""
    return ((None, BAD), (value, GOOD))


def bad_from(value: float) -> Limits:
    """``value`` and more is bad."""
    return ((None, GOOD), (value, BAD))


def chosen(metric: str, **labels: str) -> str:
    """The series of a metric of tests that the reader has chosen, with these values of labels."""
    matchers = [f'{name}=~"${name}"' for name in CHOSEN]
    matchers += [f'{name}="{value}"' for name, value in labels.items()]
    return f"{metric}{{{','.join(matchers)}}}"


def by_test(metric: str, *labels: str, **values: str) -> str:
    """One series a test (and other ``labels``), however many servers tell Prometheus of it."""
    return f"max by ({', '.join((TEST[0], *labels))}) ({chosen(metric, **values)})"
