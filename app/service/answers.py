"""What became of warehouses' answers: each is counted, and one that came too late to count is written to the log.

It cannot be written into the order's history: an answer to a decided case changes nothing.
"""

import logging

from app.core.ledger import Ledger
from app.core.messages import Answer, Change
from app.service.access import Caller
from app.service.metering import Meter
from app.service.waiting import MANUAL

log = logging.getLogger("dragoman.warehouse")


class Answers:
    """What a desk calls with every answer, once it is written or has changed nothing."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def __call__(self, caller: Caller, command: Answer, change: Change) -> None:
        said = "accepted" if command.accepted else "rejected"
        self._meter.answered(_connector(change.ledger, command), said if change.event is not None else "ignored")
        if change.event is None and change.case is not None:
            facts = {
                "tenant_id": caller.tenant_id,
                "credential_id": caller.credential_id,
                "order_id": change.ledger.order.id,
                "request_id": command.case_id,
                "location_id": command.location_id or "",
                "answer": said,
                "state": change.case.state.value,
            }
            log.info("answer ignored", extra={"facts": facts})


def _connector(ledger: Ledger, command: Answer) -> str:
    """The kind by which the location was asked; an answer for all of them is somebody's by hand."""
    for allocation in ledger.order.allocations:
        if allocation.location_id == command.location_id and allocation.connector is not None:
            return allocation.connector
    return MANUAL
