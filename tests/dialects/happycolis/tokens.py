"""An application of a tenant, as the partner's token routes know it; no test and no fixture is here."""

from typing import Any

import httpx

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Application:
    """`client_id` is the id of its key, `client_secret` the key's last part."""

    def __init__(self, tenant: Tenant, **facts: Any) -> None:
        self.tenant = tenant
        self.key = tenant.add_key(**facts)
        self.organization_id, self.client_id, self.client_secret = self.key.removeprefix("drg_").split(".")

    @property
    def credentials(self) -> dict[str, str]:
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "organization_id": self.organization_id,
        }

    def ask(self, path: str = "/token", **more: str) -> httpx.Response:
        """A form with the client's own credentials, unless others are given; an empty one is left out."""
        given = {"grant_type": "client_credentials", **self.credentials, **more}
        form = httpx.QueryParams({name: value for name, value in given.items() if value})
        wire = Wire("POST", f"/happycolis{path}", raw=str(form).encode(), headers=FORM)
        return self.tenant.server.send(wire)

    def grant(self, **more: str) -> Any:
        answer = self.ask(**more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def token(self, **more: str) -> str:
        return str(self.grant(**more)["access_token"])
