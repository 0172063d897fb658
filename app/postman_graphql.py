"""A document for each query and mutation of a schema, with the values that it cannot do without."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
    print_ast,
)

_DEPTH = 3
_SAMPLES = {"Int": 1, "Float": 1.0, "Boolean": False, "Money": 1}


@dataclass(frozen=True, slots=True)
class Asked:
    name: str
    about: str
    document: str
    variables: dict[str, Any]


def operations(text: str) -> Iterator[Asked]:
    schema = build_schema(text)
    for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, field in root.fields.items() if root is not None else ():
            yield Asked(name, (field.description or "").strip(), _document(kind, name, field), _variables(field))


def _document(kind: str, name: str, field: GraphQLField) -> str:
    declared = ", ".join(f"${argument}: {held.type}" for argument, held in field.args.items())
    given = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    selected = _selection(field, _DEPTH)
    call = f"{name}({given})" if given else name
    title = f"{name[0].upper()}{name[1:]}"
    return print_ast(parse(f"{kind} {title}{f'({declared})' if declared else ''} {{ {call}{selected} }}"))


def _selection(field: GraphQLField, depth: int) -> str:
    """Every field down to a depth that can be had without arguments."""
    named = get_named_type(field.type)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType):
        return " { __typename }"
    parts = [name + _selection(inner, depth - 1) for name, inner in named.fields.items() if _wanted(inner, depth)]
    return f" {{ {' '.join(parts or ['__typename'])} }}"


def _wanted(field: GraphQLField, depth: int) -> bool:
    if field.deprecation_reason is not None or any(is_required_argument(held) for held in field.args.values()):
        return False
    return depth > 1 or is_leaf_type(get_named_type(field.type))


def _variables(field: GraphQLField) -> dict[str, Any]:
    required = {name: held for name, held in field.args.items() if is_required_argument(held)}
    return {name: _sample(held.type) for name, held in required.items()}


def _sample(wanted: GraphQLInputType) -> Any:
    if isinstance(wanted, GraphQLNonNull):
        return _sample(wanted.of_type)
    if isinstance(wanted, GraphQLList):
        return [_sample(wanted.of_type)]
    if isinstance(wanted, GraphQLInputObjectType):
        required = {name: held for name, held in wanted.fields.items() if is_required_input_field(held)}
        return {name: _sample(held.type) for name, held in required.items()}
    if isinstance(wanted, GraphQLEnumType):
        return next(iter(wanted.values))
    return _SAMPLES.get(wanted.name, "")
