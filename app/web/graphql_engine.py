"""From a request to an answer: prepare, execute, word the errors; the same over HTTP and WebSocket."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType, GraphQLSchema
from graphql.error import located_error
from graphql.execution import create_source_event_stream, default_field_resolver, default_type_resolver

from app.web import graphql_errors
from app.web.faults import Problem
from app.web.graphql_call import Call
from app.web.graphql_documents import Documents, Operation, Prepared, Unfit
from app.web.graphql_execution import Execution, is_coroutine
from app.web.graphql_limits import Limits
from app.web.graphql_request import Asked
from app.web.graphql_words import Words, Wrong


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is the GraphQL response, ready for JSON: without `data` if nothing was executed, for which `wrong` may
    say why. `outcome` is for the log: `ok`, or what the first error is.
    """

    body: dict[str, Any]
    outcome: str = "ok"
    wrong: Wrong | None = None


class Engine:
    """One dialect's schema with its cache of documents and its words for errors."""

    def __init__(self, schema: GraphQLSchema, words: Words, limits: Limits) -> None:
        """Raises TypeError for a coroutine where only a plain function can be called."""
        _check_resolvers(schema)
        self._schema = schema
        self._words = words
        self._hide = not limits.introspection
        self._documents = Documents(schema, limits)

    def prepare(self, asked: Asked) -> tuple[Prepared, Operation]:
        """Raises Unfit."""
        prepared = self._documents.prepare(asked.document)
        return prepared, prepared.choose(asked.operation)

    async def execute(self, prepared: Prepared, asked: Asked, call: Call) -> Answer:
        """A query or a mutation. Raises Unfit, with nothing executed."""
        return self._executed(await self._build(prepared, asked, call).run(), call)

    async def subscribe(self, prepared: Prepared, asked: Asked, call: Call) -> AsyncGenerator[Answer, None]:
        """An answer for each event; one without data is the last. Raises Unfit."""
        execution = self._build(prepared, asked, call)
        events: Any = create_source_event_stream(execution)
        if is_coroutine(events):
            events = await events
        if isinstance(events, ExecutionResult):
            yield self._failed(events.errors or (), call)
            return
        async with aclosing(events):
            try:
                async for event in events:
                    result = execution.build_per_event_executor(event).execute_operation(serially=False)
                    yield self._executed(await result if is_coroutine(result) else result, call)
            except Exception as error:
                yield self._failed([located_error(error, [execution.operation])], call)

    def unfit(self, unfit: Unfit) -> Answer:
        return Answer({"errors": graphql_errors.of_unfit(unfit, self._words)}, unfit.wrong.value, unfit.wrong)

    def refused(self, problem: Problem) -> Answer:
        """Something about the request beside its document, where there is no HTTP answer to say it."""
        return Answer({"errors": [graphql_errors.of_problem(problem, self._words)]}, problem.code.value)

    def _executed(self, result: Any, call: Call) -> Answer:
        if not result.errors:
            return Answer({"data": result.data})
        entries, outcome = graphql_errors.of_fields(result.errors, self._words, call.request_id)
        nothing = self._words.rules.null_data and all(value is None for value in (result.data or {}).values())
        return Answer({"data": None if nothing else result.data, "errors": entries}, outcome)

    def _failed(self, errors: Sequence[GraphQLError], call: Call) -> Answer:
        entries, outcome = graphql_errors.of_fields(errors, self._words, call.request_id)
        return Answer({"errors": entries}, outcome)

    def _build(self, prepared: Prepared, asked: Asked, call: Call) -> Execution:
        execution = self._planned(prepared.choose(asked.operation), asked, call) or self._unplanned(
            prepared, asked, call
        )
        call.attach(execution)
        return execution

    def _planned(self, operation: Operation, asked: Asked, call: Call) -> Execution | None:
        plan = operation.plan
        variables = plan.variables.read(asked.variables) if plan is not None else None
        if plan is None or variables is None:
            return None
        execution = Execution(
            self._schema,
            plan.fragment_definitions,
            plan.fragments,
            None,
            call,
            operation.node,
            variables,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            is_awaitable=is_coroutine,
            hide_suggestions=self._hide,
        )
        execution.plan = plan
        return execution

    def _unplanned(self, prepared: Prepared, asked: Asked, call: Call) -> Execution:
        built = Execution.build(
            self._schema,
            prepared.document,
            context_value=call,
            raw_variable_values=asked.variables,
            operation_name=asked.operation,
            is_awaitable=is_coroutine,
            hide_suggestions=self._hide,
        )
        if isinstance(built, list):  # the operation is chosen, so these are the variables'
            raise Unfit(Wrong.VARIABLES, built)
        return cast(Execution, built)


def _check_resolvers(schema: GraphQLSchema) -> None:
    roots = {schema.query_type, schema.mutation_type}
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind not in roots:
            for name, field in kind.fields.items():
                if iscoroutinefunction(field.resolve):
                    raise TypeError(f"the resolver of {kind.name}.{name} is not a plain function")
