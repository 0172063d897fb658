"""The entries of `errors`: refusals in the dialect's words, the client's own mistakes as graphql-core says them, and of
everything unexpected nothing but that it happened."""

import logging
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from app.core.refusal import Refusal
from app.web.faults import Fault, FaultCode, Problem
from app.web.graphql_documents import Unfit
from app.web.graphql_words import Shown, Words, Wrong

_LONGEST = 500  # characters of what graphql-core says

log = logging.getLogger("dragoman.web")


def of_unfit(unfit: Unfit, words: Words) -> list[dict[str, Any]]:
    code = words.rules.codes[unfit.wrong]
    return [_entry(Shown(_short(error.message), code, words.rules.more), error, words) for error in unfit.errors]


def of_fields(errors: Sequence[GraphQLError], words: Words, request_id: str) -> tuple[list[dict[str, Any]], str]:
    """With the code of the first for the log. Unexpected ones are logged here, with their traceback."""
    entries, outcomes = [], []
    for error in errors:
        cause = _cause(error)
        if isinstance(cause, GraphQLError) and cause.nodes:
            # An argument that does not fit its type. What else graphql-core raises itself are values that do not fit
            # the schema, ours, and has no node of the document.
            shown = Shown(_short(cause.message), words.rules.codes[Wrong.VARIABLES], words.rules.more)
            outcome = Wrong.VARIABLES.value
        else:
            problem = cause if isinstance(cause, Refusal | Fault) else _unexpected(cause, request_id)
            shown, outcome = words.shown(problem), problem.code.value
        entries.append(_entry(shown, error, words))
        outcomes.append(outcome)
    return entries, outcomes[0]


def of_problem(problem: Problem, words: Words) -> dict[str, Any]:
    shown = words.shown(problem)
    return {"message": shown.message, "extensions": {"code": shown.code, **shown.more}}


def _entry(shown: Shown, error: GraphQLError, words: Words) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": shown.message}
    if words.rules.locations and error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        entry["path"] = error.path
    entry["extensions"] = {"code": shown.code, **shown.more}
    return entry


def _short(message: str) -> str:
    """It quotes what was sent, which may be as long as a request."""
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"


def _cause(error: GraphQLError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and isinstance(cause.cause, BaseException):
        cause = cause.cause
    return cause


def _unexpected(cause: BaseException, request_id: str) -> Problem:
    log.error("unexpected error", exc_info=cause, extra={"facts": {"request_id": request_id}})
    return Fault(FaultCode.INTERNAL)
