"""`dragoman demo`: what it prints is pasted into a shell, and does what it says."""

import re
import subprocess
import time
from pathlib import Path

from app.web.dialect import discover
from tests.cli.program import PATIENCE, Serving, serving, succeed

_ORDER = re.compile(r"^  (DEMO-\d+)  (\S+)  (.+)$", re.MULTILINE)
_STEP = re.compile(r"^# ([^:\n]+)\n(curl .+)$", re.MULTILINE)
_MAIL = re.compile(r"^Mail to customers is written to (\S+) ", re.MULTILINE)
_CALL = re.compile(r"^# (\w+): .+\n(curl .+)$", re.MULTILINE)


def test_every_printed_call_works(database_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, database_url, "--demo", mail_folder=str(tmp_path / "mail")) as server:
        told = server.text
        key = re.findall(r"drg_\S+", told)[0]
        orders = {about: order_id for _, order_id, about in _ORDER.findall(told)}
        calls = dict(_CALL.findall(told))
        assert set(calls) == {dialect.name for dialect in discover() if dialect.sample is not None}
        assert "native" in calls
        for dialect, call in calls.items():
            order_id = orders[f"open, for the {dialect} call below"]
            before = server.get(f"/api/orders/{order_id}", key).json()
            assert (before["version"], before["has_cancellations"]) == (1, False)
            _paste(call)
            after = server.get(f"/api/orders/{order_id}", key).json()
            assert after["version"] == 2
            [case] = after["cases"]
            assert case["dialect"] == dialect
            assert after["has_cancellations"] != case["stepwise"]  # then it has only begun
        _check_states(server, key, orders)
        _check_walks(server, key, orders, dict(_STEP.findall(told)))
        [folder] = _MAIL.findall(told)
        _wait_for_mails(Path(folder), 3)


def _paste(call: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{call} -w '\\n%{{http_code}}'"],  # noqa: S607 - whichever bash its reader has
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout.splitlines()[-1] in {"200", "201", "202"}, done.stdout
    assert '"errors"' not in done.stdout  # of GraphQL, which answers 200 all the same


def _wait_for_mails(folder: Path, count: int) -> None:
    """One of the cancellation, one of the return; the worker writes them."""
    until = time.monotonic() + PATIENCE
    while len(list(folder.glob("new/*"))) < count and time.monotonic() < until:
        time.sleep(0.05)
    assert len(list(folder.glob("new/*"))) == count


def _check_states(server: Serving, key: str, orders: dict[str, str]) -> None:
    """Each of the other orders is what the demo says of it."""
    found = {about: server.get(f"/api/orders/{order_id}", key).json() for about, order_id in orders.items()}
    state = {about: (order["state"], order["cancelled"], order["shipped"]) for about, order in found.items()}
    assert state["a draft"] == ("draft", False, False)
    assert state["open, two mugs cancelled"] == ("open", False, False)
    assert found["open, two mugs cancelled"]["lines"][0]["cancelled"] == 2
    assert state["partly shipped"] == ("open", False, False)
    assert found["partly shipped"]["lines"][0]["fulfilled"] == 2
    assert state["shipped"] == ("completed", False, True)
    assert state["cancelled"] == ("completed", True, False)
    assert state["partly shipped, the rest cancelled"] == ("completed", False, True)
    waiting = found["cancellation waits for the warehouse"]["cases"][0]
    refused = found["cancellation refused by the warehouse"]["cases"][0]
    assert waiting["state"] == "PENDING"
    assert (refused["state"], refused["message"]) == ("REJECTED", "Already packed")
    answered = server.send("POST", f"/api/requests/{waiting['id']}/accept", key, {})
    assert answered.json()["state"] == "ACCEPTED"
    for ending, status, words in [("refuse to cancel", 409, "Already packed"), ("agree", 200, '"cancelled":true')]:
        order_id = orders[f"in picking at a simulated warehouse that will {ending}"]
        cancelled = server.send("POST", f"/api/orders/{order_id}/cancellations", key, {})
        assert (cancelled.status_code, words in cancelled.text) == (status, True)


def _check_walks(server: Serving, key: str, orders: dict[str, str], steps: dict[str, str]) -> None:
    """The printed steps work in the order that they are printed in."""
    for call in steps.values():
        _paste(call)
    asked, back, half = (
        server.get(f"/api/orders/{orders[about]}", key).json()
        for about in ("open, to cancel step by step", "delivered, to return", "delivered, a return half way")
    )
    assert [(fee["kind"], fee["amount"]) for fee in asked["fees"]] == [("shipping", 595), ("payment", 100)]
    assert (asked["customer"]["email"], asked["track_inventory"]) == ("ada@example.com", True)
    assert [a["step"] for a in asked["cases"][0]["adjustments"]] == ["finished"]
    assert [(credit["amount"], asked["fees"][0]["credited"]) for credit in asked["fee_credits"]] == [(295, 295)]
    assert [f["state"] for f in back["fulfillments"]] == ["delivered"]
    assert [line["type"] for line in back["lines"]] == ["offer", "assemble_bundle", "part", "priced_part"]
    assert sorted((a["quantity"], a["amount"], a["step"]) for a in back["cases"][0]["adjustments"]) == [
        *[(1, 400, "awaiting_approval"), (1, 1250, "awaiting_approval"), (1, 2500, "awaiting_approval")],
        (2, 0, "received"),  # parts without a price: there is nothing to approve
    ]
    assert [entry["step"] for entry in half["cases"][0]["adjustments"][0]["steps"]] == [
        *["received", "awaiting_approval", "approved", "restocked", "finished"]
    ]
    [shelf] = [each for each in server.get("/api/locations", key).json()["locations"] if each["connector"] is None]
    levels = server.get(f"/api/stock?location_id={shelf['id']}", key).json()["levels"]
    assert {level["sku"]: level["level"] for level in levels} == {"CUP-BLUE": 60, "MUG-RED": 42, "TEA-GREEN": 25}
    assert server.get(f"/api/orders/{half['id']}/events", key).json()["events"][-1]["type"] == "mail.requested"


def test_it_can_be_run_again_and_names_the_server_of_the_settings(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dragoman.db'}"
    runs = [succeed("demo", database_url=url, host=host, port="8123") for host in ("0.0.0.0", "::1")]  # noqa: S104
    for told, address in zip(runs, ("http://127.0.0.1:8123/", "http://[::1]:8123/"), strict=True):
        calls = _CALL.findall(told)
        assert calls
        assert all(address in call for _, call in calls)
    assert {number for number, _, _ in _ORDER.findall(runs[0])}.isdisjoint(
        number for number, _, _ in _ORDER.findall(runs[1])
    )
