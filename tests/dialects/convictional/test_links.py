"""Where the pages of a buyer's list are (contract 4.3): absolute, and under the name that the server is known by."""

import shutil
from pathlib import Path

from tests.dialects.server import Wire, serve
from tests.dialects.tenants import Tenant


def test_links_lead_to_where_the_server_is_reached_from_outside(sqlite_template: Path, tmp_path: Path) -> None:
    path = shutil.copy(sqlite_template, tmp_path / "dragoman.db")
    with serve(f"sqlite:///{path}", public_url="https://orders.example.com/") as server:
        tenant = Tenant.add(server)
        for _ in range(3):
            tenant.create()
        key = tenant.add_key(party="buyer")
        page = tenant.send(Wire("GET", "/convictional/buyer/orders?page=1&limit=1"), key=key).json()
    assert page["next"] == "https://orders.example.com/convictional/buyer/orders?page=2&limit=1"
    assert page["previous"] == "https://orders.example.com/convictional/buyer/orders?page=0&limit=1"
    assert (len(page["data"]), page["hasMore"]) == (1, True)
