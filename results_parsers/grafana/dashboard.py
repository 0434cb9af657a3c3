"""The dashboard as Grafana's JSON, made by Grafana's own library: its schema is that of 11.6.

Needs the extra ``grafana``; whoever imports this says so where it is missing.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from results_parsers.grafana.panel import CHOSEN, Kind, Limits, Panel, Row
from results_parsers.grafana.rows import ROWS

TITLE, UID = "VexFS: results of the tests", "vexfs-results"
COLUMNS = 24  # Grafana's, whatever the screen
SIZES = {
    Kind.STAT: (4, 4),
    Kind.BAR_GAUGE: (12, 8),
    Kind.TABLE: (12, 8),
    Kind.TIME_SERIES: (12, 9),
    Kind.HEAT_MAP: (12, 9),
    Kind.STATE_TIMELINE: (12, 12),
}
"""Width and height, in columns and in Grafana's units of 30 pixels."""

SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
NEUTRAL: Limits = ((None, "blue"),)  # without limits Grafana has red from 80 on

Builder = (
    bargauge.Panel
    | heatmap.Panel
    | stat.Panel
    | statetimeline.Panel
    | table.Panel
    | timeseries.Panel
)


def render(rows: Sequence[Row] = ROWS) -> str:
    """The dashboard's file."""
    board = (
        build.Dashboard(TITLE)
        .uid(UID)
        .description("Made by: vexfs-results dashboard FILE")
        .tags(["vexfs"])
        .time("now-30d", "now")
        .refresh("5m")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .with_variable(build.DatasourceVariable("datasource").label("Source").type("prometheus"))
    )
    for name in CHOSEN:
        board.with_variable(_variable(name))
    for part in _place(rows):
        if isinstance(part, build.Row):
            board.with_row(part)
        else:
            board.with_panel(part)
    return json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def _variable(label: str) -> build.QueryVariable:
    """All values at first; ``.*`` also matches tests of other providers, which lack the label."""
    return (
        build.QueryVariable(label)
        .label(label.capitalize())
        .datasource(SOURCE)
        .query(f"label_values(test_duration_seconds, {label})")
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(model.VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def _place(rows: Sequence[Row]) -> Iterator[build.Row | Builder]:
    """The builders, from the left to the right and downwards as far as there is room."""
    number, top = 0, 0
    for row in rows:
        number += 1
        place = model.GridPos(h=1, w=COLUMNS, x=0, y=top)
        yield build.Row(row.title).id(number).grid_pos(place)
        top, left, height = top + 1, 0, 0
        for panel in row.panels:
            number += 1
            width, own_height = SIZES[panel.kind]
            width = panel.width or width
            if left + width > COLUMNS:
                top, left, height = top + height, 0, 0
            place = model.GridPos(h=own_height, w=width, x=left, y=top)
            yield _panel(panel).id(number).grid_pos(place)
            left, height = left + width, max(height, own_height)
        top += height


def _panel(panel: Panel) -> Builder:
    builder = _BUILDERS[panel.kind]()
    builder.title(panel.title).description(panel.description).datasource(SOURCE).unit(panel.unit)
    for number, query in enumerate(panel.queries):
        target = prometheus.Dataquery().ref_id(ascii_uppercase[number]).expr(query.expression)
        target.legend_format(query.legend)
        target.instant() if panel.kind.is_of_now else target.range()
        if panel.kind is Kind.TABLE:
            target.format(PromQueryFormat.TABLE)
        builder.with_target(target)
    steps = [model.Threshold(value, colour) for value, colour in panel.limits or NEUTRAL]
    limits = build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)
    builder.thresholds(limits)
    if panel.lowest is not None:
        builder.min(panel.lowest)
    if panel.highest is not None:
        builder.max(panel.highest)
    if panel.empty:
        builder.no_value(panel.empty)
    if panel.states:
        texts = {
            str(value): model.ValueMappingResult(text=text, color=colour)
            for value, text, colour in panel.states
        }
        builder.mappings([model.ValueMap(options=texts)])
    return builder


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _stat() -> stat.Panel:
    return stat.Panel().reduce_options(_last()).graph_mode(shapes.BigValueGraphMode.NONE)


def _bar_gauge() -> bargauge.Panel:
    return (
        bargauge.Panel()
        .reduce_options(_last())
        .orientation(shapes.VizOrientation.HORIZONTAL)
        .display_mode(shapes.BarGaugeDisplayMode.BASIC)
    )


def _table() -> table.Panel:
    without_time: dict[str, Any] = {"excludeByName": {"Time": True}}
    return table.Panel().with_transformation(
        model.DataTransformerConfig(id_val="organize", options=without_time)
    )


def _time_series() -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True)
    legend.display_mode(shapes.LegendDisplayMode.LIST).placement(shapes.LegendPlacement.BOTTOM)
    tooltip = common.VizTooltipOptions().mode(shapes.TooltipDisplayMode.MULTI)
    tooltip.sort(shapes.SortOrder.DESCENDING)
    limits = common.GraphThresholdsStyleConfig().mode(shapes.GraphThresholdsStyleMode.DASHED)
    return timeseries.Panel().legend(legend).tooltip(tooltip).thresholds_style(limits)


def _heat_map() -> heatmap.Panel:
    return heatmap.Panel().calculate(True)


def _state_timeline() -> statetimeline.Panel:
    never = shapes.VisibilityMode.NEVER
    return statetimeline.Panel().merge_values(True).row_height(0.9).show_value(never)


_BUILDERS: Mapping[Kind, Callable[[], Builder]] = {
    Kind.STAT: _stat,
    Kind.BAR_GAUGE: _bar_gauge,
    Kind.TABLE: _table,
    Kind.TIME_SERIES: _time_series,
    Kind.HEAT_MAP: _heat_map,
    Kind.STATE_TIMELINE: _state_timeline,
}
