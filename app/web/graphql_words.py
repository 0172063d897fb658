"""A GraphQL dialect's personality: where its key is, how its problems look inside and outside of a GraphQL answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from app.core.refusal import Code
from app.web import answering
from app.web.faults import FaultCode, Problem


class Wrong(StrEnum):
    """What can be wrong with a well-formed request before any field of it is executed."""

    SYNTAX = "syntax"  # the document does not parse
    VALIDATION = "validation"  # it does not fit the schema, or is over a limit
    OPERATION = "operation"  # it is not clear which of its operations is meant
    VARIABLES = "variables"  # a variable's value does not fit its type


# The names of Apollo's server, which most clients know.
_CODES: Mapping[Wrong, str] = {
    Wrong.SYNTAX: "GRAPHQL_PARSE_FAILED",
    Wrong.VALIDATION: "GRAPHQL_VALIDATION_FAILED",
    Wrong.OPERATION: "OPERATION_RESOLUTION_FAILURE",
    Wrong.VARIABLES: "BAD_USER_INPUT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`statuses` are those of `application/json` answers, 200 where none is named; for
    `application/graphql-response+json` the GraphQL-over-HTTP specification leaves no choice. `codes` are what
    `extensions.code` says.
    """

    statuses: Mapping[Wrong, int] = field(default_factory=dict)
    codes: Mapping[Wrong, str] = field(default_factory=lambda: _CODES)
    locations: bool = True
    """Whether errors say at which line and column of the document they are."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else `extensions` has of those that `codes` are for."""
    told: frozenset[Code | FaultCode] = frozenset()
    """Problems before GraphQL runs that are answered as if it had: with 200 where the answer is `application/json`."""
    null_data: bool = False
    """Whether `data` is null where errors left no root field with a value, as if each of them were required."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A problem as an entry of `errors`; `extensions.code` is `code`, `more` is what else the extensions have."""

    message: str
    code: str
    more: Mapping[str, Any] = field(default_factory=dict)


class Words(answering.Words, Protocol):
    """`error` words what is answered outside of GraphQL (no key, no such route, no JSON, …), `shown` what a field
    raised. Both know every problem; a field's unexpected exception comes to `shown` as `Fault(INTERNAL)`.
    """

    rules: Rules

    def shown(self, problem: Problem) -> Shown: ...
