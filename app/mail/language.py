"""The template language of mail: of Jinja2 what shows given values, and nothing that could reach, loop or grow further.

Tenants write templates, so a template is not trusted: it has no functions, no assignments and no arithmetic, an
attribute is a key of a given mapping and never one of Python's, loops go over given lists only, and what a rendering
may cost is counted. Jinja2's own sandbox is beneath, should something be forgotten here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Any

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    nodes,
    pass_context,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 65_536
"""Characters of a template."""
_MOST_OUTPUT = 2_000_000
_MOST_WORK = 1_000_000
_DEEPEST = 40
_DEEPEST_LOOPS = 3
_BUDGET, _EACH, _NAME = "_budget", "_each", "the template"
_LOOP = frozenset({"index", "index0", "first", "last", "length"})
_JINJA = frozenset({"self", "super", "caller", "varargs", "kwargs"})
_FILTERS = frozenset({"capitalize", "default", "e", "escape", "length", "lower", "title", "trim", "truncate", "upper"})
_TESTS = frozenset({"defined", "undefined", "none", "even", "odd"})
_NODES: Mapping[type[nodes.Node], str] = {
    nodes.Call: "a function cannot be called",
    nodes.Assign: "a value cannot be set",
    nodes.AssignBlock: "a value cannot be set",
    nodes.With: "a value cannot be set",
    nodes.Include: "there is no other template",
    nodes.Import: "there is no other template",
    nodes.FromImport: "there is no other template",
    nodes.Extends: "there is no other template",
    nodes.Macro: "a macro cannot be defined",
    nodes.FilterBlock: "filters cannot be used around a block",
    nodes.Scope: "escaping is not for a template to decide",
}
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.CondExpr,
    nodes.For,
    nodes.Filter,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)


class BadTemplate(Exception):  # noqa: N818 - the text is for whoever wrote it
    """`line 3: …`"""


@dataclass(slots=True)
class _Budget:
    left: int = _MOST_WORK

    def take(self, work: int) -> None:
        self.left -= work
        if self.left < 0:
            raise SecurityError("it takes too long")


class _Environment(ImmutableSandboxedEnvironment):
    def __init__(self, *, html: bool) -> None:
        super().__init__(
            autoescape=html, undefined=StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True
        )  # fmt: skip
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | {_EACH: _each}
        self.tests = {name: self.tests[name] for name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A key of a mapping, a place in a list, where a loop is: what was given, never what Python adds to it."""
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple) and type(argument) is int and -len(obj) <= argument < len(obj):
            return obj[argument]
        if isinstance(obj, Undefined):
            return obj  # it says what was missing first
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, str(argument))
        return self.undefined(f"there is no {argument!r} here")

    def call(self, *args: Any, **more: Any) -> Any:
        raise SecurityError("a function cannot be called")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _check(tree)
        return tree


def _shown(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str | int | float | Undefined):  # what is undefined says so itself
        return value
    raise UndefinedError("a list cannot be shown, only what is in it")


@pass_context
def _each(context: Context, value: object, work: int) -> Iterator[object]:
    """What a loop goes over: each turn costs what is in its body."""
    if not isinstance(value, list | tuple):
        raise UndefinedError("a loop goes over a list")
    context[_BUDGET].take(work * len(value))
    return iter(value)


def _check(tree: nodes.Template) -> None:
    """Raises TemplateSyntaxError for what the language does not have; loops get their counter."""
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while waiting:
        node, depth, loops = waiting.pop()
        if not isinstance(node, _ALLOWED):
            known = _NODES.get(type(node), f"{type(node).__name__.lower()} is not known here")
            raise TemplateSyntaxError(known, _line_of(node))
        if depth > _DEEPEST or loops > _DEEPEST_LOOPS:
            raise TemplateSyntaxError("it is nested too deep", node.lineno)
        _check_node(node)
        inner = loops + isinstance(node, nodes.For)
        waiting += [(child, depth + 1, inner) for child in node.iter_child_nodes()]
    for loop in list(tree.find_all(nodes.For)):
        work = sum(1 for _ in loop.find_all(nodes.Node))
        loop.iter = nodes.Filter(loop.iter, _EACH, [nodes.Const(work)], [], None, None, lineno=loop.lineno)


def _check_node(node: nodes.Node) -> None:
    if isinstance(node, nodes.Filter) and (node.name not in _FILTERS or node.node is None):
        raise TemplateSyntaxError(f"there is no filter {node.name!r} here", node.lineno)
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        raise TemplateSyntaxError(f"there is no test {node.name!r} here", node.lineno)
    if isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name in _JINJA):
        raise TemplateSyntaxError(f"there is no {node.name!r} here", node.lineno)
    if isinstance(node, nodes.For) and (node.recursive or not isinstance(node.target, nodes.Name)):
        raise TemplateSyntaxError("a loop has one name, and is not recursive", node.lineno)


def _line_of(node: nodes.Node) -> int:
    """Some are made without one."""
    line: int | None = getattr(node, "lineno", None)
    return line or next((each.lineno for each in node.find_all(nodes.Expr)), 1)


_HTML, _TEXT = _Environment(html=True), _Environment(html=False)


@lru_cache(maxsize=64)
def _compiled(source: str, *, html: bool) -> Template:
    return (_HTML if html else _TEXT).from_string(source)


def render(source: str, values: Mapping[str, object], *, html: bool = False) -> str:
    """Values are texts, numbers, mappings and lists of them; in HTML all are escaped. Raises BadTemplate."""
    if len(source) > LONGEST:
        raise BadTemplate(f"it is longer than {LONGEST} characters")
    try:
        return _bounded(_compiled(source, html=html).generate({**values, _BUDGET: _Budget()}))
    except TemplateSyntaxError as error:
        raise BadTemplate(f"line {error.lineno}: {error.message}") from None
    except (RecursionError, MemoryError, SyntaxError):
        raise BadTemplate("it is nested too deep") from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise BadTemplate(f"line {_line(error.__traceback__)}: {_why(error)}") from None


def _bounded(parts: Iterator[str]) -> str:
    found: list[str] = []
    size = 0
    for part in islice(parts, _MOST_WORK):
        size += len(part)
        if size > _MOST_OUTPUT:
            raise SecurityError("it gets too long")
        found.append(part)
    return "".join(found)


def _line(trace: TracebackType | None) -> int:
    """Jinja2 puts the template's own lines into the traceback; the last of them is where it happened."""
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _why(error: Exception) -> str:
    """Jinja2's words where it is its error; Python's own say nothing to whoever writes templates."""
    known = isinstance(error, TemplateError) and error.message
    return str(error.message) if known else "these values do not go together"  # type: ignore[attr-defined]
