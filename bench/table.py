"""The table that `make bench` prints, one measured figure a row."""

from dataclasses import dataclass
from typing import Literal

Better = Literal["more", "less"]


@dataclass(frozen=True)
class Row:
    """`limit` is the goal in words that begin with "at least" or "under" and a number. `panel`, `series` and `at` are
    the figure's place in the plot: of rows with a panel, those of one series are a line or a set of bars."""

    about: str
    value: float
    limit: str = ""
    better: Better = "more"
    panel: str = ""
    series: str = ""
    at: str = ""

    @property
    def goal(self) -> float | None:
        words = self.limit.replace(",", "").split()
        number = next((word for word in words if word[0].isdigit()), None)
        return float(number) if number is not None else None

    @property
    def kept(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.better == "more" else self.value < self.goal


def render(rows: list[Row]) -> str:
    width = max(len(row.about) for row in rows)
    return "\n".join(
        f"{row.about:<{width}}  {number(row.value):>9}  {row.limit}{'' if row.kept else '  NOT KEPT'}".rstrip()
        for row in rows
    )


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
