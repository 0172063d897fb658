"""Execution of one operation; the value of a changing field is complete before anything is committed.

`Executor` is graphql-core's; it says which of its methods may change in a later version, so all that is ours of it is
in this file, and tests/web/test_graphql_changes.py shows that it still holds.
"""

from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, TypeGuard

import msgspec
from graphql import (
    GraphQLLeafType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails, FieldDetailsList
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path

_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Finished:
    """A field's value as JSON text, completed already; what a changing resolver returns."""

    text: str


Plain = Mapping[str, Mapping[str, tuple[GraphQLLeafType, bool]]]
"""By type and field, the leaf type of what is simply read off its object, and whether it may be null."""


def plain_fields(schema: GraphQLSchema) -> Plain:
    found: dict[str, dict[str, tuple[GraphQLLeafType, bool]]] = {}
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                leaf = get_nullable_type(field.type)
                if field.resolve is None and not field.args and is_leaf_type(leaf):
                    found.setdefault(kind.name, {})[name] = leaf, not is_non_null_type(field.type)
    return found


class Execution(Executor[None]):
    plain: Plain = {}

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: None,
    ) -> Any:
        """As graphql-core's, which makes much of every field; most are plain values that are there."""
        if type(source) is dict:
            name = field_details_list[0].node.name.value
            leaf = self.plain.get(parent_type.name, _NONE).get(name)
            if leaf is not None:
                kind, nullable = leaf
                value = source.get(name)
                if value is not None:
                    with suppress(Exception):
                        return self.complete_leaf_value(kind, value)
                elif nullable:
                    return None
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    async def complete_awaitable_value(  # noqa: PLR0917 - its parameters are graphql-core's
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: None,
    ) -> Any:
        """As graphql-core's, but what is finished goes into the response as it is."""
        try:
            resolved = await result
            if type(resolved) is Finished:
                return msgspec.Raw(resolved.text)
            completed = self.complete_value(
                return_type, field_details_list, info, path, resolved, position_context
            )  # fmt: skip
            return await completed if is_coroutine(completed) else completed
        except Exception as error:
            self.handle_field_error(error, return_type, field_details_list, path)
            return None

    def complete_list_value(  # noqa: PLR0917 - its parameters are graphql-core's
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: None,
    ) -> Any:
        """As graphql-core's, which makes a path for every value of a list, also of plain ones: ids, say. A path is only
        needed where one of them is wrong."""
        kind = get_nullable_type(return_type.of_type)
        if isinstance(result, list | tuple) and None not in result and is_leaf_type(kind):
            with suppress(Exception):
                return [self.complete_leaf_value(kind, value) for value in result]
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    def build_per_event_executor(self, payload: Any) -> Executor[None]:
        """As graphql-core's, whose executors all remember, in one place, what they collected for every event."""
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}
        return executor

    def finish_now(self, info: GraphQLResolveInfo[Any], value: Any) -> str:
        """What the client selected of a field's value. Raises the first error in it, also where a null could stand."""
        outside, self.collected_errors = self.collected_errors, CollectedErrors()
        self.is_awaitable = _waits_for_nothing
        try:
            details = [FieldDetails(node, None) for node in info.field_nodes]
            completed = self.complete_value(info.return_type, details, info, info.path, value, None)
            if self.collected_errors.errors:
                raise self.collected_errors.errors[0]
            return msgspec.json.encode(completed).decode()
        finally:
            self.is_awaitable = is_coroutine
            self.collected_errors = outside


def _waits_for_nothing(value: Any) -> TypeGuard[Coroutine[Any, Any, Any]]:
    if is_coroutine(value):
        value.close()
        raise TypeError("a resolver of a changing field's value is not a plain function")
    return False


def is_coroutine(value: Any) -> TypeGuard[Coroutine[Any, Any, Any]]:
    """There are no other awaitables here, and graphql-core's own check, made for every value, costs several times
    as much."""
    return type(value) is CoroutineType
