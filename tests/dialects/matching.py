"""Compares JSON with what a case file expects: literal values, `{captured.path}` texts, and `<placeholders>`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_PLACEHOLDER = re.compile(r"<(id|time|int|number|text|any)(?::(\w+))?>")
_CAPTURED = re.compile(r"\{(\w+(?:\.\w+)*)\}")
_BOUND = re.compile(r"<(?:id|time|int|number|text|any):\w+>")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass
class Names:
    """`captured` answers by name; `bound` values of numbered placeholders: the same name is always the same value."""

    captured: dict[str, Any] = field(default_factory=dict)
    bound: dict[str, Any] = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """`{order.lines.0.id}` becomes that value of the answer captured as `order`, `<id:1>` what it was bound to."""
        if isinstance(value, str):
            if (whole := _CAPTURED.fullmatch(value)) and whole[1].partition(".")[0] in self.captured:
                return self._at(whole[1])
            filled = _CAPTURED.sub(self._captured, value)
            return _BOUND.sub(lambda found: str(self.bound.get(found[0], found[0])), filled)
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {name: self.fill(item) for name, item in value.items()}
        return value

    def _captured(self, found: re.Match[str]) -> str:
        return str(self._at(found[1])) if found[1].partition(".")[0] in self.captured else found[0]

    def _at(self, path: str) -> Any:
        value: Any = self.captured
        for part in path.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    def differences(self, expected: Any, found: Any, *, subset: bool = False, at: str = "body") -> Iterator[str]:
        """With `subset`, objects may have more keys than expected; lists never have more items."""
        if isinstance(expected, str) and (placeholder := _PLACEHOLDER.fullmatch(expected)):
            yield from self._placeholder(placeholder, found, at)
        elif isinstance(expected, dict) and isinstance(found, dict):
            yield from self._objects(expected, found, subset=subset, at=at)
        elif isinstance(expected, list) and isinstance(found, list):
            if len(expected) != len(found):
                yield f"{at}: {len(expected)} items expected, {len(found)} found: {found!r}"
            for n, (one, other) in enumerate(zip(expected, found, strict=False)):
                yield from self.differences(one, other, subset=subset, at=f"{at}.{n}")
        elif not _same(self.fill(expected), found):
            yield f"{at}: expected {self.fill(expected)!r}, found {found!r}"

    def _objects(self, expected: dict[str, Any], found: dict[str, Any], *, subset: bool, at: str) -> Iterator[str]:
        expected = {self.fill(name): value for name, value in expected.items()}
        if missing := expected.keys() - found.keys():
            yield f"{at}: lacks {sorted(missing)}"
        if not subset and (extra := found.keys() - expected.keys()):
            yield f"{at}: has {sorted(extra)}, which nobody expected"
        for name in expected.keys() & found.keys():
            yield from self.differences(expected[name], found[name], subset=subset, at=f"{at}.{name}")

    def _placeholder(self, placeholder: re.Match[str], found: Any, at: str) -> Iterator[str]:
        kind, name = placeholder[1], placeholder[0]
        if not _is(kind, found):
            yield f"{at}: expected {name}, found {found!r}"
        elif placeholder[2] is not None:
            if not _same(self.bound.setdefault(name, found), found):
                yield f"{at}: {name} is {self.bound[name]!r}, found {found!r}"
            if kind == "id" and [*self.bound.values()].count(found) > 1:
                yield f"{at}: {name} is {found!r}, which has another name already"


def _same(expected: Any, found: Any) -> bool:
    """JSON's own equality: 2 is 2.0, but neither 1 nor "1" is true."""
    return bool(expected == found) and isinstance(expected, bool) == isinstance(found, bool)


def _is(kind: str, found: Any) -> bool:
    numeric = isinstance(found, int | float) and not isinstance(found, bool)
    return {
        "id": isinstance(found, str) and found != "",
        "time": isinstance(found, str) and _TIME.fullmatch(found) is not None,
        "int": numeric and isinstance(found, int),
        "number": numeric,
        "text": isinstance(found, str),
        "any": True,
    }[kind]
