"""Execution of one operation; the value of a changing field is complete before anything is committed.

`Executor` is graphql-core's; it says which of its methods may change in a later version, so all that is ours of it is
in this file, and tests/web/test_graphql_changes.py shows that it still holds.
"""

from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, TypeGuard, cast

import msgspec
from graphql import ExecutionResult, GraphQLError, GraphQLOutputType, GraphQLResolveInfo
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails, FieldDetailsList
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path

from app.web.graphql_plan import Plan


@dataclass(frozen=True, slots=True)
class Finished:
    """A field's value as JSON text, completed already; what a changing resolver returns."""

    text: str


class Execution(Executor[None]):
    plan: Plan | None = None

    async def run(self) -> ExecutionResult:
        """A query or a mutation."""
        if self.plan is None:
            result: Any = self.execute_operation()
            return cast(ExecutionResult, await result if is_coroutine(result) else result)
        data: Any
        try:
            run = self.execute_collected_root_fields
            data = run(self.plan.kind, self.root_value, self.plan.roots, self.plan.serially, ())
            data = await data if is_coroutine(data) else data
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            data = None
        return ExecutionResult(data, self.collected_errors.errors or None)

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
            completed = self.shown(path, resolved)
            if completed is None:
                completed = self.complete_value(
                    return_type, field_details_list, info, path, resolved, position_context
                )  # fmt: skip
            return await completed if is_coroutine(completed) else completed
        except Exception as error:
            self.handle_field_error(error, return_type, field_details_list, path)
            return None

    def shown(self, path: Path, value: Any) -> Any:
        """A root field's value the short way, or None if it has to be the long one."""
        if self.plan is not None and path.prev is None and value is not None:
            show = self.plan.shows.get(str(path.key))
            if show is not None:
                with suppress(Exception):
                    return show(value)
        return None

    def build_per_event_executor(self, payload: Any) -> Executor[None]:
        """As graphql-core's, whose executors all remember, in one place, what they collected for every event."""
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}
        return executor

    def finish_now(self, info: GraphQLResolveInfo[Any], value: Any) -> str:
        """What the client selected of a field's value. Raises the first error in it, also where a null could stand."""
        shown = self.shown(info.path, value)
        if shown is not None:
            return msgspec.json.encode(shown).decode()
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
