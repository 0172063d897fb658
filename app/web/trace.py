"""What is known of one request for its log line and its metrics; filled in on the way, read at the end.

How long an `endless` one took says nothing.
"""

from dataclasses import dataclass

from starlette.types import Scope

from app.service.access import Caller
from app.service.rates import Allowance, Rates

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
    allowance: Allowance | None = None

    @staticmethod
    def of(scope: Scope) -> "Trace":
        trace = scope.get(_KEY)
        return trace if isinstance(trace, Trace) else Trace("")

    def known(self, caller: Caller, rates: Rates) -> None:
        """Who is asking, and that they may ask again so soon. Raises RATE_LIMITED."""
        self.tenant_id, self.credential_id = caller.tenant_id, caller.credential_id
        self.allowance = rates.take(caller.credential_id)
        if self.allowance is not None:
            self.allowance.check()

    def attach(self, scope: Scope) -> None:
        scope[_KEY] = self
