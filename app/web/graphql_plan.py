"""What of a document is the same for every request: its variables, its fields, and how their values are shown.

Nearly all that clients ask for are plain values of plain objects, under documents that come again and again. For those
the plan has one function for each field at the root, made once; where it meets anything else it gives up, and
graphql-core does all of it, with its own rules and errors (docs/decisions/0025).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, NamedTuple

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from app.web.graphql_variables import Unusual, Variables

Show = Callable[[Any], Any]
"""What was selected of a value that is not null, ready for JSON. Raises anything for one that it does not know."""

_NO_VARIABLES = VariableValues({}, {})
_TYPE_NAME = "__typename"
_NO_OBJECT = (Exception, Mapping, CoroutineType)
"""What graphql-core does not read attributes of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`shows` are by response name; without one, graphql-core shows the field."""

    variables: Variables
    fragment_definitions: dict[str, FragmentDefinitionNode]
    fragments: dict[str, FragmentDetails]
    kind: GraphQLObjectType
    serially: bool
    roots: GroupedFieldSet
    shows: Mapping[str, Show]


def plan(
    schema: GraphQLSchema, definitions: dict[str, FragmentDefinitionNode], operation: OperationDefinitionNode
) -> Plan | None:
    """Of a valid query or mutation without directives, with which the fields would depend on variables; else None.

    `definitions` are the fragments of its document by name, which has no other operation."""
    kind = schema.get_root_type(operation.operation)
    if kind is None or operation.operation is OperationType.SUBSCRIPTION:
        return None
    fragments = {name: FragmentDetails(node) for name, node in definitions.items()}
    try:
        variables = Variables(schema, operation.variable_definitions or ())
    except Unusual:
        return None
    roots = collect_fields(schema, fragments, _NO_VARIABLES, kind, operation).grouped_field_set
    planner, shows = _Planner(schema, fragments, operation), {}
    for name, details in roots.items():
        with suppress(Unusual):
            shows[name] = planner.show(schema.get_field(kind, details[0].node.name.value).type, details)[0]  # type: ignore[union-attr]
    serially = operation.operation is OperationType.MUTATION
    return Plan(variables, definitions, fragments, kind, serially, roots, shows)


class _Field(NamedTuple):
    """Of an object: under which name it is shown, what it is of the value, how, and whether it may be null."""

    shown: str
    name: str
    show: Show
    nullable: bool


class _Planner:
    def __init__(
        self, schema: GraphQLSchema, fragments: dict[str, FragmentDetails], operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._operation = operation

    def show(self, type_: Any, details: FieldDetailsList) -> tuple[Show, bool]:
        """With whether there may be a null in its place. Raises Unusual."""
        if is_non_null_type(type_):
            return self._one(type_.of_type, details), False
        return self._one(type_, details), True

    def _one(self, type_: Any, details: FieldDetailsList) -> Show:
        if is_list_type(type_):
            return _list(*self.show(type_.of_type, details))
        if is_leaf_type(type_):
            return _text if type_ is GraphQLString else _leaf(type_.coerce_output_value)
        if is_object_type(type_) and type_.is_type_of is None:
            return self._object(type_, details)
        raise Unusual

    def _object(self, type_: GraphQLObjectType, details: FieldDetailsList) -> Show:
        selected = collect_subfields(
            self._schema, self._fragments, _NO_VARIABLES, self._operation, type_, details
        )  # fmt: skip
        blank: dict[str, Any] = {}
        fields: list[_Field] = []
        for shown, below in selected.grouped_field_set.items():
            name = below[0].node.name.value
            blank[shown] = type_.name if name == _TYPE_NAME else None
            if name != _TYPE_NAME:
                field = self._schema.get_field(type_, name)
                if field is None or field.resolve is not None or field.args:
                    raise Unusual
                fields.append(_Field(shown, name, *self.show(field.type, below)))
        return _reading(blank, fields)


def _reading(blank: dict[str, Any], fields: list[_Field]) -> Show:
    """`blank` has all in its order; what is null stays as it is there."""

    def read(value: Any) -> dict[str, Any]:
        held = value.get if type(value) is dict else None
        if held is None and (value is Undefined or isinstance(value, _NO_OBJECT)):
            raise Unusual
        found = blank.copy()
        for shown, name, show, nullable in fields:
            part = held(name) if held is not None else getattr(value, name, None)
            if part is not None:
                if callable(part):
                    raise Unusual
                found[shown] = show(part)
            elif not nullable:
                raise Unusual
        return found

    return read


def _list(show: Show, nullable: bool) -> Show:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple) or (None in value and not nullable):
            raise Unusual
        return [None if each is None else show(each) for each in value]

    return read


def _text(value: Any) -> Any:
    return value if type(value) is str else _string(value)


def _leaf(coerce: Show) -> Show:
    def read(value: Any) -> Any:
        shown = None if value is Undefined or isinstance(value, Exception) else coerce(value)
        if shown is None or shown is Undefined:
            raise Unusual
        return shown

    return read


_string = _leaf(GraphQLString.coerce_output_value)
