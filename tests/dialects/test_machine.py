"""The same intents through random dialects, and through the native one on a twin: after each step both are alike."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.dialects.intents import SKUS, Outcome, Speaker, lines
from tests.dialects.server import Server, Wire
from tests.dialects.speakers import SPEAKERS
from tests.dialects.tenants import Tenant
from tests.dialects.twins import neutral

_NATIVE = SPEAKERS["native"]
# Whether it went in one step or in several, whose units had ids of their own.
_WAY = {"version", "stepwise", "steps", "contra_ids"}

_speakers = st.sampled_from(sorted(SPEAKERS.values(), key=lambda speaker: speaker.name))
_lines = st.integers(0, len(SKUS) - 1)
_units = st.integers(1, 6)
_reasons = st.sampled_from(["late", "uitverkocht – 売り切れ", 'said "no"\nand left'])

Order = Mapping[str, Any]


class Twins(RuleBasedStateMachine):
    def __init__(self, tenant: Tenant, location_id: str) -> None:
        super().__init__()
        self.tenant = tenant
        self.location_id = location_id
        self.order: Order = {}
        self.twin: Order = {}

    @initialize()
    def place(self) -> None:
        self.order, self.twin = self.tenant.create(lines=lines()), self.tenant.create(lines=lines())

    @rule(speaker=_speakers, line=_lines, units=_units, reason=_reasons)
    def cancel_part(self, speaker: Speaker, line: int, units: int, reason: str) -> None:
        body = self.tenant.send(speaker.read(self.order)).json()
        wire = speaker.cancel_part(self.order, body, line, units, reason)
        self._both(speaker, wire, lambda order: _NATIVE.cancel_part(order, None, line, units, reason))

    @rule(speaker=_speakers, reason=_reasons)
    def cancel_rest(self, speaker: Speaker, reason: str) -> None:
        wire = speaker.cancel_rest(self.order, self._body(speaker), reason) if speaker.rest else None
        self._both(speaker, wire, lambda order: _NATIVE.cancel_rest(order, None, reason if speaker.says_why else None))

    @rule(speaker=_speakers, reason=_reasons)
    def cancel_whole(self, speaker: Speaker, reason: str) -> None:
        wire = speaker.cancel_whole(self.order, reason)
        self._both(speaker, wire, lambda order: _NATIVE.cancel_whole(order, reason))

    @rule(speaker=_speakers, line=_lines, units=_units)
    def ship(self, speaker: Speaker, line: int, units: int) -> None:
        wire = speaker.ship(self.order, line, units)
        self._both(speaker, wire, lambda order: _NATIVE.ship(order, line, units))

    @rule(line=_lines, units=_units, stage=st.sampled_from(["planned", "requested", "picking"]))
    def allocate(self, line: int, units: int, stage: str) -> None:
        def ask(order: Order) -> Wire:
            chosen = [{"line_id": order["lines"][line]["id"], "quantity": units}]
            body = {"location_id": self.location_id, "lines": chosen, "stage": stage}
            return Wire("POST", f"/api/orders/{order['id']}/allocations", body)

        self._both(_NATIVE, None, ask)

    @rule(word=st.sampled_from(["accept", "reject"]))
    def answer(self, word: str) -> None:
        """The warehouse's word on whatever waits."""
        for order in (self.order, self.twin):
            for case in self._read(order)["cases"]:
                self.tenant.api("POST", f"/requests/{case['id']}/{word}", {"message": "said so"})
        for speaker in SPEAKERS.values():
            speaker.go_on(self.tenant, self.order)

    @invariant()
    def alike(self) -> None:
        if self.order:
            order, twin = self._read(self.order), self._read(self.twin)
            assert _neutral(order) == _neutral(twin)
            for speaker in SPEAKERS.values():
                assert speaker.see(self._body(speaker)).alive == _NATIVE.see(order).alive, speaker.name

    def _both(self, speaker: Speaker, wire: Wire | None, native: Callable[[Order], Wire | None]) -> None:
        """`wire` None: the dialect cannot say it, so both are told natively."""
        mine, other = wire or native(self.order), native(self.twin)
        assert mine is not None
        assert other is not None
        waiting = {case["id"] for case in self._read(self.order)["cases"]}
        outcome, request = (speaker if wire else _NATIVE).outcome(self.tenant, self.tenant.send(mine))
        if request in waiting:
            outcome = Outcome.REFUSED  # as others say that there is such a request already
        assert outcome is _NATIVE.outcome(self.tenant, self.tenant.send(other))[0]

    def _body(self, speaker: Speaker) -> Any:
        return self.tenant.send(speaker.read(self.order)).json()

    def _read(self, order: Order) -> Any:
        return self.tenant.api("GET", f"/orders/{order['id']}")


def _neutral(order: Order) -> Any:
    """Scopes differ, and the flag that follows them: one dialect has a single word for the whole and for the rest.

    So does the order in which a case's entries are numbered: by units where these are named, else by who held them.
    """
    cases = [
        {**case, "adjustments": sorted(map(_unnumbered, case["adjustments"]), key=_place)} for case in order["cases"]
    ]
    apart = {**order, "cases": cases, "cancelled": None}
    return neutral(apart, _WAY | {"scope"})


def _place(adjustment: Any) -> Any:
    return adjustment["line_id"], adjustment["units"]


def _unnumbered(adjustment: Any) -> Any:
    return {name: value for name, value in adjustment.items() if name not in {"id", "origin"}}


def test_twins_stay_alike(sqlite_server: Server) -> None:
    tenant = Tenant.add(sqlite_server)
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    limits = settings(
        max_examples=60,
        stateful_step_count=10,
        deadline=None,
        derandomize=True,
        database=None,
        # Ten steps can be read as they are; to make them fewer takes minutes.
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )

    class Here(Twins):
        def __init__(self) -> None:
            super().__init__(tenant, location["id"])

    run_state_machine_as_test(Here, settings=limits)
