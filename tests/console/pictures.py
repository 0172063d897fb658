"""The console's pages as pictures for the documents, with demo data: `make screenshots`. No test is here."""

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, FilePayload, Page

from app import demo
from app.service.vault import Vault
from app.settings import Settings
from app.store import migrate, open_store
from tests.console.browsing import chromium
from tests.console.pictures_partners import Partners, hurry
from tests.console.sending import GONE
from tests.dialects.server import SECRET_KEY, serve
from tests.outbox.receiver import receiving

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
_DESK: Any = {"width": 1280, "height": 860}
_PHONE = {"width": 390, "height": 844}
_TALL = {"width": 1280, "height": 1320}
_SETTLE = 700  # milliseconds

Act = Callable[[Page], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`order` is what the demo says of the order whose page it is; `act` what is done before the picture is taken."""

    name: str
    path: str = ""
    order: str = ""
    act: Act | None = None
    size: Any = None
    dark: bool = False


def _dry_run(page: Page) -> None:
    page.get_by_role("button", name="Cancel …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Red mug").fill("2")
    dialog.get_by_label("Green tea").fill("1")
    dialog.get_by_label("Reason, in words").fill("Sold out")
    dialog.get_by_role("button", name="See what would happen").click()
    dialog.get_by_role("table").wait_for()


def _cancelled(page: Page) -> None:
    _dry_run(page)
    page.get_by_role("button", name="Cancel 3 units").click()
    page.get_by_role("link", name="Rosetta").click()
    page.locator(".changes").first.wait_for()
    page.locator(".notes p").wait_for(state="detached")


def _calls(page: Page) -> None:
    calls = page.locator(".calls")
    calls.get_by_role("button", name="Python").click()
    calls.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#calls').scrollIntoView()")


def _a_file(page: Page) -> None:
    rows = """number,currency,customer.name,line.sku,line.title,line.quantity,line.unit_price
1001,EUR,Ada Byron,MUG-RED,Red mug,2,1250
1001,EUR,Ada Byron,TEA-GREEN,Green tea,1,800
1002,EUR,Grace Murray,CUP-BLUE,Blue cup,6,450
1003,EUR,Jean Bartik,MUG-RED,Red mug,two,1250
"""
    file = FilePayload(name="orders.csv", mimeType="text/csv", buffer=rows.encode())
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import 2 orders").wait_for()


def _what_failed(page: Page) -> None:
    page.get_by_role("link", name="See what failed").click()
    page.locator(".log summary").first.click()


def _mail(page: Page) -> None:
    page.get_by_label("Order", exact=True).fill("Ada Byron")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Cancellation of").filter(has_text="accepted").first.click()
    page.frame_locator("iframe").get_by_text("Red mug").first.wait_for()


PICTURES = (
    Picture(name="sign-in"),
    Picture(name="orders", path="/"),
    Picture(name="orders-phone", path="/", size=_PHONE, dark=True),
    Picture(name="order", path="/orders/{id}", order="partly shipped, the rest cancelled"),
    Picture(name="order-dark", path="/orders/{id}", order="cancellation refused by the warehouse", dark=True),
    Picture(name="act", path="/orders/{id}", order="open, for the native call below", act=_dry_run),
    Picture(name="rosetta", path="/orders/{id}", order="open, for the shopline call below", act=_cancelled),
    Picture(name="import", path="/import", act=_a_file),
    Picture(name="warehouse", path="/warehouse"),
    Picture(name="warehouse-phone", path="/warehouse", size=_PHONE),
    Picture(name="keys", path="/partners"),
    Picture(name="webhook", path="/partners?tab=webhooks", act=_what_failed, size=_TALL),
    Picture(name="mail", path="/partners?tab=mail", act=_mail),
    Picture(name="health", path="/health", size=_TALL),
    Picture(name="health-dark", path="/health", dark=True),
    Picture(name="calls", path="/orders/{id}?view=rosetta", order="open, for the afosto call below", act=_calls),
)


def main(only: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/dragoman.db"
        told = asyncio.run(_filled(url))
        clock = hurry()
        with (
            serve(url, webhook_allow_private=True) as server,
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(receiving()) as receiver,
            chromium() as browser,
        ):
            receiver.by_path["/old"] = GONE
            partners = Partners(server.base, _found(r"(drg_\S+)", told), receiver.url)
            partners.fill()
            partners.an_hour(clock)
            for picture in PICTURES:
                if not only or picture.name in only:
                    _take(browser, picture, f"{server.base}/console", told)


async def _filled(url: str) -> str:
    await asyncio.to_thread(migrate, url)
    store = await open_store(url)
    try:
        return await demo.add(store, "http://127.0.0.1:8000", Vault([SECRET_KEY]), Settings(database_url=url))
    finally:
        await store.close()


def _take(browser: Browser, picture: Picture, base: str, told: str) -> None:
    context = browser.new_context(
        viewport=picture.size or _DESK,
        color_scheme="dark" if picture.dark else "light",
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(base)
    page.get_by_label("API key").wait_for()
    if picture.path:
        page.get_by_label("API key").fill(_found(r"(drg_\S+)", told))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("navigation", name="Pages").wait_for()
        of = _found(rf"DEMO-\d+  (\S+)  {re.escape(picture.order)}$", told) if picture.order else ""
        page.goto(base + picture.path.format(id=of).removesuffix("/"))
    page.wait_for_timeout(_SETTLE)
    if picture.act is not None:
        picture.act(page)
        page.wait_for_timeout(_SETTLE)
    page.screenshot(path=FOLDER / f"console-{picture.name}.png", animations="disabled")
    context.close()


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    assert match is not None, pattern
    return match[1]


if __name__ == "__main__":
    main(sys.argv[1:])
