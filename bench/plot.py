"""A run as a picture: how far each goal is kept, latency by requests in flight, processor time by operation."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter

from bench.table import Row

_WIDTH = 12.0
_KEPT, _MISSED = "#2b7a78", "#c0392b"


def draw(rows: list[Row], path: Path) -> None:
    """A PNG of the panels for which there are rows; none, no file."""
    goals = [row for row in rows if row.goal]
    flights = [row for row in rows if row.panel == "in flight"]
    costs = [row for row in rows if row.panel.startswith("processor time")]
    panels = [(_goals, goals, 0.28), (_flights, flights, 0.0), (_costs, costs, 0.14)]
    panels = [panel for panel in panels if panel[1]]
    if not panels:
        return
    heights = [max(4.0, each * len(some) + 1.5) for _, some, each in panels]
    figure, axes = pyplot.subplots(
        len(panels), 1, figsize=(_WIDTH, sum(heights)), height_ratios=heights, squeeze=False, layout="constrained"
    )
    for (paint, some, _), axis in zip(panels, axes[:, 0], strict=True):
        paint(axis, some)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def _goals(axis: Any, rows: list[Row]) -> None:
    """1 is the goal; to its right it is kept."""
    values = [row.value / row.goal if row.better == "more" else row.goal / row.value for row in rows if row.goal]
    places = range(len(rows))
    axis.barh(places, values, color=[_KEPT if row.kept else _MISSED for row in rows])
    axis.axvline(1, color="black", linewidth=1)
    axis.set_yticks(places, [f"{row.about} ({row.limit.partition(',')[0]})" for row in rows], fontsize=8)
    axis.set_xscale("log")
    for ticks in (axis.xaxis.set_major_formatter, axis.xaxis.set_minor_formatter):
        ticks(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_xlabel("times the goal")
    axis.invert_yaxis()
    axis.set_title("Goals", loc="left")


def _flights(axis: Any, rows: list[Row]) -> None:
    for series in dict.fromkeys(row.series for row in rows):
        own = [row for row in rows if row.series == series]
        style = "-" if series.startswith("PostgreSQL") else "--"
        axis.plot([row.at for row in own], [row.value for row in own], style, marker="o", label=series)
    axis.set_yscale("log")
    axis.set_xlabel("requests in flight")
    axis.set_ylabel("ms")
    axis.legend(fontsize=8, ncols=2)
    axis.set_title("Cancels: latency", loc="left")


def _costs(axis: Any, rows: list[Row]) -> None:
    names = list(dict.fromkeys(row.at for row in rows))
    series = list(dict.fromkeys(row.series for row in rows))
    height = 0.8 / len(series)
    for n, each in enumerate(series):
        own = {row.at: row.value for row in rows if row.series == each}
        places = [place + (n - (len(series) - 1) / 2) * height for place in range(len(names))]
        axis.barh(places, [own.get(name, 0.0) for name in names], height, label=each)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlabel("µs")
    axis.legend(fontsize=8)
    axis.set_title("Processor time per request", loc="left")
