"""The figures of the last hour: counted, bounded, shown to whom they may be shown, and drawn."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from app.console import figures
from app.core.refusal import Code, Refusal
from app.web import metrics
from tests.console.asking import Client, told
from tests.console.browsing import opened
from tests.console.sending import Partner, partner
from tests.dialects.tenants import Tenant


@pytest.fixture(scope="module")
def shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "STEP", 0.3)
        with partner(sqlite_template, tmp_path_factory.mktemp("health")) as made:
            yield made


class Queue:
    def __init__(self) -> None:
        self.due: tuple[int, float] | None = (3, 12.5)

    async def backlog(self) -> tuple[int, float]:
        if self.due is None:
            raise Refusal(Code.UNAVAILABLE)
        return self.due


def _of(shown: Mapping[str, Any], dialect: str) -> Mapping[str, Any]:
    return next(each for each in shown["dialects"] if each["dialect"] == dialect)


async def test_what_is_new_since_the_look_before():
    queue = Queue()
    seen = figures.Figures(queue.backlog)
    metrics.observe("figured", "one", "ok", 0.002)
    await seen.look()
    assert seen.shown()["at"] == [], "what was before the first look belongs to no time"
    for _ in range(98):
        metrics.observe("figured", "one", "ok", 0.004)
    metrics.observe("figured", "two", "order_not_found", 0.4)
    metrics.observe("figured", "two", "order_not_found", 40.0)
    metrics.observe("console", "page", "ok", 9.0)
    metrics.observe("none", "none", "404", 9.0)
    metrics.METER.delivered("figured", "lost", 0.1)
    metrics.METER.answered("figured", "failed")
    await seen.look()
    queue.due = None
    await seen.look()
    shown = seen.shown()
    assert (shown["due"], shown["oldest"]) == ([3, None], [12.5, None])
    assert len(shown["at"]) == len(shown["p50"]) == len(shown["requests"]["figured"]) == 2
    assert (shown["requests"]["figured"][0] > 0, shown["requests"]["figured"][1]) == (True, 0.0)
    assert not {"console", "none"} & set(shown["requests"])
    of = _of(shown, "figured")
    assert (of["requests"], of["refused"]) == (100, 2)
    # 50 of the 98 in the bucket from 2.5 to 5 ms; the 99th in that from 250 to 500 ms, to its end.
    assert (of["p50"], of["p99"]) == (pytest.approx(3.78, abs=0.01), 500.0)
    assert {"dialect": "figured", "code": "order_not_found", "count": 2} in shown["refusals"]
    assert {"dialect": "figured", "outcome": "lost", "count": 1} in shown["deliveries"]
    assert {"connector": "figured", "outcome": "failed", "count": 1} in shown["answers"]


async def test_an_hour_is_kept_and_no_more():
    seen = figures.Figures(Queue().backlog)
    seen._samples.extend([figures.Sample(0.0, 1.0, figures.Totals({}, {}, {}, {}), 0, 0.0)] * 1_000)
    assert len(seen.shown()["at"]) == figures.KEPT


def test_whose_figures_they_are(client: Client, tenant: Tenant, shop: Partner):
    assert told(client.own("GET", "/console/figures")) == (401, "unauthenticated")
    client.sign_in(tenant.add_key(scopes=["read_orders"]))
    assert told(client.own("GET", "/console/figures")) == (403, "scope_missing")
    Tenant.add(tenant.server)
    client.sign_in(tenant.key)
    assert told(client.own("GET", "/console/figures")) == (403, "figures_of_others")
    with Client(shop.tenant.server.base) as alone:
        alone.sign_in(shop.tenant.key)
        answer = alone.own("GET", "/console/figures")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_drawn_and_said(browser: Browser, shop: Partner, scheme: Any):
    with opened(browser, shop.tenant, "/health", color_scheme=scheme) as page:
        for _ in range(3):
            shop.tenant.create()
        page.reload()
        plots = page.locator(".plot canvas")
        expect(plots).to_have_count(5)
        said = page.get_by_role("img", name="Requests a second")
        expect(said).to_have_attribute("aria-label", re.compile("native now"))
        drawn = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].some(Boolean)"
        assert all(plot.evaluate(drawn) for plot in plots.all())
        expect(page.get_by_role("region", name="By dialect")).to_contain_text("native")
        page.set_viewport_size({"width": 390, "height": 800})
        expect(page.locator(".plot canvas").first).to_be_visible()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
