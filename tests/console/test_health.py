"""The figures of the last hour: shown to whom they may be shown, and drawn."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from app.console import figures
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
