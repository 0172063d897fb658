"""Which operation a path belongs to: a tree of segments, so that finding one costs the same however many there are.

Unlike a list of patterns it also knows every method that a path has, which `Allow` has to name.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class _Node(Generic[T]):
    __slots__ = ("fixed", "methods", "open")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node[T]] = {}
        self.open: dict[str, _Node[T]] = {}
        """Of parameters, by what follows them within the segment: `.json`, mostly nothing."""
        self.methods: dict[str, tuple[T, tuple[str, ...]]] = {}


class Paths(Generic[T]):
    """Templates like `/orders/{order_id}/cancel` and `/orders/{id}.json`; a fixed segment wins over a parameter."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: str, target: T) -> None:
        node, names = self._root, []
        for part in template.split("/")[1:]:
            if part.startswith("{"):
                name, _, suffix = part[1:].partition("}")
                names.append(name)
                inner = node.open.setdefault(suffix, _Node())
                node.open = dict(sorted(node.open.items(), key=lambda held: -len(held[0])))  # what says more goes first
                node = inner
            else:
                node = node.fixed.setdefault(part, _Node())
        node.methods[method] = target, tuple(names)

    def find(self, method: str, path: list[str]) -> tuple[T | None, Mapping[str, str], list[str]]:
        """The target with its path parameters, or None and the methods that the path has; no methods: no such path.

        `path` is split at its slashes, so it starts with an empty text.
        """
        values: list[str] = []
        node = _walk(self._root, path, 1, values) if len(path) > 1 and not path[0] else None
        if node is None:
            return None, {}, []
        found = node.methods.get(method) or (node.methods.get("GET") if method == "HEAD" else None)
        if found is None:
            return None, {}, sorted({*node.methods, "HEAD"} if "GET" in node.methods else node.methods)
        target, names = found
        return target, dict(zip(names, values, strict=True)), []


def _walk(node: _Node[T], parts: list[str], at: int, values: list[str]) -> _Node[T] | None:
    if at == len(parts):
        return node if node.methods else None
    part = parts[at]
    fixed = node.fixed.get(part)
    if fixed is not None and (found := _walk(fixed, parts, at + 1, values)) is not None:
        return found
    for suffix, inner in node.open.items():
        if len(part) > len(suffix) and part.endswith(suffix):
            values.append(part.removesuffix(suffix))
            if (found := _walk(inner, parts, at + 1, values)) is not None:
                return found
            values.pop()
    return None
