"""Variables read the short way: made once for a document, it takes what has the expected shape as it is.

What else graphql-core allows, or has to refuse, it is asked about: so its words and its rules stay the only ones.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from graphql import (
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

Read = Callable[[Any], Any]
"""The value as resolvers get it. Raises anything for one that it does not know."""


class Unusual(Exception):  # noqa: N818 - a finding, not an error
    """There is no short way, or not for this value: left to graphql-core."""


class _Variable(NamedTuple):
    name: str
    signature: GraphQLVariableSignature
    read: Read
    needed: bool


class Variables:
    """Of one operation. Raises Unusual if there is no short way for them."""

    def __init__(self, schema: GraphQLSchema, nodes: Iterable[VariableDefinitionNode]) -> None:
        self._known = tuple(_variable(schema, node) for node in nodes)

    def read(self, given: Mapping[str, Any]) -> VariableValues | None:
        """None if graphql-core has to be asked."""
        sources, coerced = {}, {}
        try:
            for name, signature, read, needed in self._known:
                if name in given:
                    sources[name] = VariableValueSource(signature, given[name])
                    coerced[name] = read(given[name])
                elif needed:
                    return None
                else:
                    sources[name] = VariableValueSource(signature)
        except Exception:
            return None
        return VariableValues(sources, coerced)


def _variable(schema: GraphQLSchema, node: VariableDefinitionNode) -> _Variable:
    signature = get_variable_signature(schema, node)
    if not isinstance(signature, GraphQLVariableSignature):
        raise Unusual
    needed = is_non_null_type(signature.type) or node.default_value is not None
    return _Variable(signature.name, signature, _reader(signature.type, ()), needed)


def _reader(type_: GraphQLInputType, within: tuple[str, ...]) -> Read:
    """`within` are the types around it: of one that holds itself, values have no greatest depth."""
    if is_non_null_type(type_):
        return _one(type_.of_type, within)
    read = _one(type_, within)
    return lambda value: None if value is None else read(value)


def _one(type_: Any, within: tuple[str, ...]) -> Read:
    """For what is not null."""
    if is_list_type(type_):
        return _list(_reader(type_.of_type, within))
    if is_input_object_type(type_):
        if type_.name in within:
            raise Unusual
        return _object(type_, (*within, type_.name))
    if type_ is GraphQLString or type_ is GraphQLID:
        return _text
    coerce: Read = type_.coerce_input_value

    def leaf(value: Any) -> Any:
        if value is None or (read := coerce(value)) is Undefined:
            raise Unusual
        return read

    return leaf


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Unusual
    return value


def _list(item: Read) -> Read:
    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise Unusual
        return [item(each) for each in value]

    return read


def _object(type_: GraphQLInputObjectType, within: tuple[str, ...]) -> Read:
    if type_.is_one_of or type_.out_type is not GraphQLInputObjectType.out_type:
        raise Unusual
    fields = [_field(name, field, within) for name, field in type_.fields.items()]

    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Unusual
        found = {}
        for name, item, needed in fields:
            if name in value:
                found[name] = item(value[name])
            elif needed:
                raise Unusual
        if len(found) != len(value):
            raise Unusual
        return found

    return read


def _field(name: str, field: GraphQLInputField, within: tuple[str, ...]) -> tuple[str, Read, bool]:
    """The last says whether it must be given here: a default is graphql-core's to fill in."""
    if field.out_name is not None:
        raise Unusual
    usual = field.default is None and field.default_value is Undefined
    return name, _reader(field.type, within), is_non_null_type(field.type) or not usual
