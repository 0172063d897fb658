"""Any order, anything said about it in any dialect, any answer of a warehouse: after each step the books balance, every
dialect can show the order, and a twin that was told the same in other dialects is the same.

`DRAGOMAN_TORTURE_EXAMPLES` says how many orders; with it, they are others each time.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.dialects import telling
from tests.dialects.books import check, check_stock
from tests.dialects.faces import read
from tests.dialects.server import PATIENCE, Server
from tests.dialects.telling import Chosen, Words, adjustments, numbers
from tests.dialects.tenants import Tenant
from tests.dialects.twins import neutral

EXAMPLES = int(os.environ.get("DRAGOMAN_TORTURE_EXAMPLES", "0"))
_USUAL = 30
# Ids that Afosto's clients give, and how a dialect with one word for the rest and the whole calls it.
_WORDS = {"contra_ids", "scope", "cancelled"}
_NEXT = {
    "announced": ("receive",),
    "awaiting_approval": ("approve",),
    "received": ("restock", "finish"),
    "approved": ("restock", "finish"),
    "restocked": ("finish",),
}

_BEGUN, _LATE = 4, 8
"""Versions of an order from which on something may be said that leaves less to say."""

_lines = st.integers(0, 2)
_few = st.integers(1, 4)
_which = st.integers(0, 30)
_seldom = st.sampled_from([False] * 7 + [True])
_fees = st.lists(st.sampled_from([("shipping", 595), ("payment", 150), ("other", 90)]), max_size=3)
_amounts = st.sampled_from([1, 90, 333, 600])

Intent = Callable[[st.DataObject], None]


class Aftersales(RuleBasedStateMachine):
    server: Server

    @initialize(
        fees=_fees,
        included=st.booleans(),
        track=st.booleans(),
        paid=st.sampled_from(["paid", "paid", "waiting"]),
        approve=st.booleans(),
        bundle=st.booleans(),
        restock=st.booleans(),
        connector=st.sampled_from([None, "manual", "simulator"]),
        simulate=st.sampled_from(["accept", "refuse"]),
    )
    def place(
        self, *, fees: Any, included: bool, track: bool, paid: str, bundle: bool, connector: str | None, **more: Any
    ) -> None:
        self.tenant = Tenant.add(self.server)
        policy = {"approve_returns": more["approve"], "restock_on_cancel": more["restock"]}
        self.tenant.api("PATCH", "/tenant", {"policy": policy})
        made = {"name": "Dock"} | ({"connector": {"kind": connector}} if connector else {})
        self._simulated = connector == "simulator"
        self.dock = self.tenant.api("POST", "/locations", made)["id"]
        told = {
            "lines": _goods(bundle=bundle),
            "fees": [{"kind": kind, "title": kind, "amount": amount} for kind, amount in fees],
            "prices_include_tax": included,
            "track_inventory": track,
            "payment": {"status": paid},
            "metadata": {"simulate": more["simulate"]},
        }
        self.order, self.twin = self.tenant.create(**told), self.tenant.create(**told)

    @rule(data=st.data())
    def tell(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.possible()))(data)

    def possible(self) -> list[Intent]:
        """What makes sense now, and what leads on more often; at the wrong time, or of too much, it is refused."""
        order, known, version = self.order, adjustments(self.order), self.order["version"]
        left = any(line["open"] for line in order["lines"])
        shipped = any(line["fulfilled"] for line in order["lines"])
        paid = bool(order["paid"]) and version > _BEGUN
        weighed: list[tuple[Intent, int]] = [
            (self.go_on, 5 * any(entry["step"] in _NEXT for entry in known)),
            (self.step, bool(known) and version > _BEGUN),
            (self.credit, 2 * bool(known and order["fees"])),
            (self.announce, 2 * shipped),
            (self.announce_loose, version > _BEGUN),
            (self.move, shipped),
            (self.give_back, paid),
            (self.give_back_an_item, paid),
            (self.archive, 2 * (order["state"] == "completed")),
            (self.answer, any(case["asked"] for case in order["cases"])),
            (self.end, version > _LATE),
            (self.ship, 2 * left),
            (self.begin_to_cancel, 2 * left),
            (self.allocate, left),
        ]
        return [intent for intent, weight in weighed for _ in range(weight)]

    def begin_to_cancel(self, data: st.DataObject) -> None:
        line, count = self.draw_units(data, "open")
        self.both(data, telling.begin_cancel(line, count, own_ids=data.draw(st.booleans())), count)

    def announce(self, data: st.DataObject) -> None:
        line, count = self.draw_units(data, "fulfilled")
        self.both(data, telling.announce(line, count, own_ids=data.draw(st.booleans())), count)

    def announce_loose(self, data: st.DataObject) -> None:
        self.both(data, telling.announce_loose(data.draw(_few)))

    def ship(self, data: st.DataObject) -> None:
        self.both(data, telling.ship(*self.draw_units(data, "open")))

    def move(self, data: st.DataObject) -> None:
        self.both(data, telling.move(data.draw(_which), data.draw(st.sampled_from(["delivered", "void"]))))

    def allocate(self, data: st.DataObject) -> None:
        stage = data.draw(st.sampled_from(["planned", "requested", "picking"]))
        self.both(data, telling.allocate(*self.draw_units(data, "open"), self.dock, stage))

    def go_on(self, data: st.DataObject) -> None:
        """With all of an adjustment, or with one unit of it."""
        known = adjustments(self.order)
        entry = data.draw(st.sampled_from([entry for entry in known if entry["step"] in _NEXT]))
        chosen = Chosen(known.index(entry), data.draw(st.none() | _which))
        words = [word for word in _NEXT[entry["step"]] if word != "restock" or self.order["track_inventory"]]
        word = data.draw(st.sampled_from(words))
        self.both(data, telling.step(word, chosen, self.dock))

    def step(self, data: st.DataObject) -> None:
        """Whether it is next or not."""
        word = data.draw(st.sampled_from(["receive", "approve", "restock", "finish"]))
        self.both(data, telling.step(word, Chosen(data.draw(_which), None), self.dock))

    def credit(self, data: st.DataObject) -> None:
        known = adjustments(self.order)
        ready = [entry for entry in known if entry["step"] in {"approved", "received", "restocked"}]
        chosen = Chosen(known.index(data.draw(st.sampled_from(ready or known))), data.draw(st.none() | _which))
        self.both(data, telling.credit(chosen, data.draw(_which), data.draw(_amounts)))

    def give_back(self, data: st.DataObject) -> None:
        line, count = data.draw(_lines), data.draw(_few)
        words = telling.refund(line, count, data.draw(st.none() | _amounts), back=data.draw(st.booleans()))
        self.both(data, words)

    def give_back_an_item(self, data: st.DataObject) -> None:
        cancel = data.draw(st.booleans())
        self.both(data, telling.refund_item(data.draw(_which), data.draw(_few), self._items, cancel=cancel))

    def end(self, data: st.DataObject) -> None:
        """All that is left is cancelled, or all money goes back: then not much is left to say."""
        whole = data.draw(st.booleans())
        self.both(data, telling.refund(None, 0, None, back=False) if whole else telling.cancel_rest())

    def archive(self, data: st.DataObject) -> None:
        self.both(data, telling.archive(away=data.draw(st.booleans())))

    def answer(self, data: st.DataObject) -> None:
        """Of a manual warehouse; what is answered already may be answered again."""
        word = data.draw(st.sampled_from(["accept", "reject"]))
        for order in (self.order, self.twin):
            for case in order["cases"]:
                if any(ask["state"] == "PENDING" for ask in case["asked"]):
                    self.tenant.api("POST", f"/requests/{case['id']}/{word}", {"message": "said so"})
        self.look()

    def draw_units(self, data: st.DataObject, place: str) -> tuple[int, int]:
        """A line that has such units and how many, now and then too many."""
        lines = [n for n, line in enumerate(self.order["lines"]) if line[place]]
        line, count = data.draw(st.sampled_from(lines)), data.draw(_few)
        return line, count if data.draw(_seldom) else min(count, self.order["lines"][line][place])

    def both(self, data: st.DataObject, words: Words, count: int = 0) -> None:
        """The twin is told natively, and first: whoever names units names those that it took. What the native API
        cannot say is said to both."""
        mine = words[data.draw(st.sampled_from(sorted(words)))]
        before = {a["id"] for a in adjustments(self.twin)}
        self.say((words.get("native") or mine)(self.twin, ()))
        self.twin = self._settled(self.twin)
        taken = [n for a in adjustments(self.twin) if a["id"] not in before for n in numbers(a)]
        self.say(mine(self.order, taken or range(1, count + 1)))
        self.look()

    def say(self, wire: Any) -> None:
        answer = self.tenant.send(wire)
        assert answer.status_code < 500, answer.text
        assert "INTERNAL" not in answer.text, answer.text

    def look(self) -> None:
        self.order, self.twin = self._settled(self.order), self._settled(self.twin)

    @invariant()
    def balanced(self) -> None:
        if not hasattr(self, "order"):
            return
        seen = check(self.tenant, self.order["id"])
        assert neutral(seen, _WORDS) == neutral(self.twin, _WORDS)
        check_stock(self.tenant, (self.order, self.twin))

    def _items(self, order: Mapping[str, Any]) -> Sequence[Any]:
        items: Sequence[Any] = read(self.tenant, "convictional", order["id"])["items"]
        return items

    def _settled(self, order: Mapping[str, Any]) -> Any:
        """The order once a simulated warehouse has answered."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = read(self.tenant, "native", order["id"])
            if not self._simulated or not any(
                a["state"] == "PENDING" for case in found["cases"] for a in case["asked"]
            ):
                return found
            assert time.monotonic() < deadline, "the simulator does not answer"
            time.sleep(0.01)


def _goods(*, bundle: bool) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [
        {"id": "kit", "sku": "MUG-RED", "quantity": 4, "unit_price": 1251, "tax_rate": 0.21},
        {"sku": "TEA-GREEN", "quantity": 3, "unit_price": 333, "tax_rate": 0.09},
        {"sku": "TRAY-OAK", "quantity": 2, "unit_price": 0},
    ]
    if bundle:
        lines[0]["type"] = "assemble_bundle"
        lines[1] |= {"type": "priced_part", "parent_id": "kit"}
        lines[2] |= {"type": "part", "parent_id": "kit"}
    return lines


def test_whoever_says_it(sqlite_server: Server) -> None:
    limits = settings(
        max_examples=EXAMPLES or _USUAL,
        stateful_step_count=50 if EXAMPLES else 16,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        # What was done can be read as it is; to make it less takes minutes.
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=[*HealthCheck],
    )

    class Here(Aftersales):
        server = sqlite_server

    run_state_machine_as_test(Here, settings=limits)
