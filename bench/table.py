"""The table that `make bench` prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    about: str
    value: float
    limit: str = ""


def render(rows: list[Row]) -> str:
    width = max(len(row.about) for row in rows)
    return "\n".join(f"{row.about:<{width}}  {_number(row.value):>9}  {row.limit}".rstrip() for row in rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
