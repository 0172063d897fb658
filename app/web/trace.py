"""What is known of one request for its log line and its metrics; filled in on the way, read at the end.

How long an `endless` one took says nothing.
"""

from dataclasses import dataclass

from starlette.types import Scope

_KEY = "dragoman.trace"


@dataclass(slots=True)
class Trace:
    request_id: str
    dialect: str = ""
    operation: str = ""
    outcome: str = "ok"
    tenant_id: str = ""
    credential_id: str = ""
    endless: bool = False

    @staticmethod
    def of(scope: Scope) -> "Trace":
        trace = scope.get(_KEY)
        return trace if isinstance(trace, Trace) else Trace("")

    def attach(self, scope: Scope) -> None:
        scope[_KEY] = self
