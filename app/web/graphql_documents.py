"""Documents parsed, validated and measured once; a document seen before costs a look into a dictionary."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.validation import NoSchemaIntrospectionCustomRule

from app.web.graphql_limits import Limits
from app.web.graphql_plan import Plan, plan
from app.web.graphql_words import Wrong

INTROSPECTION = "introspection"
SEVERAL = "several"
_META = ("__schema", "__type")
_DIRECTIVE = "@"
"""Begins each one, and means nothing else outside texts and comments."""


class Unfit(Exception):  # noqa: N818 - an answer
    """A request of which nothing is executed."""

    def __init__(self, wrong: Wrong, errors: Iterable[GraphQLError]) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Operation:
    """`label` names it in logs and metrics: its only root field, else `several` or `introspection`."""

    node: OperationDefinitionNode
    label: str
    plan: Plan | None

    @property
    def kind(self) -> OperationType:
        return self.node.operation


@dataclass(frozen=True, slots=True)
class Prepared:
    document: DocumentNode
    operations: dict[str, Operation]
    """By name, the nameless one by an empty text."""

    def choose(self, name: str | None) -> Operation:
        """Raises Unfit(OPERATION)."""
        if name:
            if name not in self.operations:
                raise Unfit(Wrong.OPERATION, [GraphQLError(f'Unknown operation named "{name}".')])
            return self.operations[name]
        if len(self.operations) != 1:
            told = "several operations: operationName must say which one" if self.operations else "no operation"
            raise Unfit(Wrong.OPERATION, [GraphQLError(f"The document has {told}.")])
        return next(iter(self.operations.values()))


class Documents:
    """Of one schema. Only good documents are kept: bad ones would push them out, and cost the same the next time."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = [*specified_rules, *([] if limits.introspection else [NoSchemaIntrospectionCustomRule])]
        self._known: OrderedDict[str, Prepared] = OrderedDict()
        self._characters = 0

    def prepare(self, text: str) -> Prepared:
        """Raises Unfit(SYNTAX or VALIDATION)."""
        known = self._known.get(text)
        if known is not None:
            self._known.move_to_end(text)
            return known
        prepared = self._prepare(text)
        self._keep(text, prepared)
        return prepared

    def _prepare(self, text: str) -> Prepared:
        limits = self._limits
        try:
            document = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLError as error:
            raise Unfit(Wrong.SYNTAX, [error]) from None
        if "\\u" in text:
            _check_texts(document)
        # Without introspection, no "did you mean" may tell what the schema has.
        errors = validate(self._schema, document, self._rules, hide_suggestions=not limits.introspection)
        errors = errors or over_limits(document, limits)
        if errors:
            raise Unfit(Wrong.VALIDATION, errors)
        nodes = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        fragments = fragments_of(document)
        # Of several operations each could have a plan as large as the limits allow.
        alone = len(nodes) == 1 and _DIRECTIVE not in text
        planned = plan(self._schema, fragments, nodes[0]) if alone else None
        return Prepared(document, {_name(node): Operation(node, _label(node, fragments), planned) for node in nodes})

    def _keep(self, text: str, prepared: Prepared) -> None:
        self._known[text] = prepared
        self._characters += len(text)
        while len(self._known) > self._limits.documents or self._characters > self._limits.document_characters:
            dropped, _ = self._known.popitem(last=False)
            self._characters -= len(dropped)


@dataclass(slots=True)
class _Size:
    """Of a selection set with its fragments written out. `depth` counts levels, `meta_depth` those of introspection."""

    depth: int = 0
    meta_depth: int = 0
    fields: int = 0
    aliases: int = 0
    root_fields: int = 0

    def add(self, other: "_Size") -> None:
        self.depth = max(self.depth, other.depth)
        self.meta_depth = max(self.meta_depth, other.meta_depth)
        self.fields += other.fields
        self.aliases += other.aliases

    def add_field(self, node: FieldNode, below: "_Size") -> None:
        if node.name.value in _META:
            below = _Size(1, max(below.depth, below.meta_depth) + 1, below.fields, below.aliases)
        else:
            below = _Size(below.depth + 1, below.meta_depth, below.fields, below.aliases)
        self.add(below)
        self.fields += 1
        self.root_fields += 1
        self.aliases += node.alias is not None

    def add_fragment(self, other: "_Size") -> None:
        self.add(other)
        self.root_fields += other.root_fields


def over_limits(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What a valid document (so one without cycles) has too much of, in each of its operations."""
    fragments, sizes = fragments_of(document), dict[str, _Size]()
    errors = []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = _size(node.selection_set, fragments, sizes)
            for what, has, most in (
                ("levels", size.depth, limits.depth),
                ("levels of introspection", size.meta_depth, limits.introspection_depth),
                ("fields", size.fields, limits.fields),
                ("fields at its root", size.root_fields, limits.root_fields),
                ("aliases", size.aliases, limits.aliases),
            ):
                if has > most:
                    errors.append(GraphQLError(f"The operation has {has} {what}, of at most {most}.", node))
    return errors


def _size(selected: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], known: dict[str, _Size]) -> _Size:
    """`known` has the fragments measured so far: written out, nested ones can double at every level."""
    size = _Size()
    for node in selected.selections:
        if isinstance(node, FieldNode):
            size.add_field(node, _size(node.selection_set, fragments, known) if node.selection_set else _Size())
        elif isinstance(node, InlineFragmentNode):
            size.add_fragment(_size(node.selection_set, fragments, known))
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = _size(fragments[name].selection_set, fragments, known)
            size.add_fragment(known[name])
    return size


class _Texts(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if "\0" in node.value:
            raise Unfit(Wrong.SYNTAX, [GraphQLError("A text contains NUL.", node)])


def _check_texts(document: DocumentNode) -> None:
    """No database text holds NUL; an escape within a document gets past what checks the JSON around it."""
    visit(document, _Texts())


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def _name(node: OperationDefinitionNode) -> str:
    return node.name.value if node.name else ""


def _label(node: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> str:
    names, waiting = set[str](), [node.selection_set]
    visited = set[str]()
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                names.add(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
                visited.add(selection.name.value)
                waiting.append(fragments[selection.name.value].selection_set)
    if len(names) != 1:
        return SEVERAL
    name = names.pop()
    return INTROSPECTION if name.startswith("__") else name
