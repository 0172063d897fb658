"""Tenants, credentials and locations on either engine: plain statements, none of them on the hot path."""

from datetime import datetime
from typing import Any

from app.core.model import Party
from app.core.ports import Credential, Kept, Location, Tenant
from app.store import codec
from app.store.rows import Row
from app.store.sql import Sql

_TENANT = "tenant_id, name, active, policy, created_at"
_CREDENTIAL = (
    "tenant_id, id, name, party, scopes, dialects, secret_hash, sealed_secret, created_at, expires_at, revoked_at"
)  # fmt: skip
_LOCATION = "tenant_id, id, name, connector, settings, created_at, updated_at"


class SqlRegistry(Sql):
    async def add_tenant(self, tenant: Tenant) -> None:
        await self.execute(
            f"INSERT INTO tenants ({_TENANT}, subscribed) VALUES ($1, $2, $3, $4, $5, $6)",
            tenant.id,
            tenant.name,
            tenant.active,
            codec.encode(tenant.policy),
            self.to_time(tenant.created_at),
            False,
        )

    async def save_tenant(self, tenant: Tenant, kept: Kept | None = None) -> None:
        await self.execute(
            "UPDATE tenants SET name = $2, active = $3, policy = $4 WHERE tenant_id = $1",
            tenant.id,
            tenant.name,
            tenant.active,
            codec.encode(tenant.policy),
            replay=self.replay(tenant.id, kept),
        )

    async def tenants(self) -> list[Tenant]:
        return [self._tenant(row) for row in await self.fetch(f"SELECT {_TENANT} FROM tenants ORDER BY created_at")]

    async def tenant(self, tenant_id: str) -> Tenant | None:
        rows = await self.fetch(f"SELECT {_TENANT} FROM tenants WHERE tenant_id = $1", tenant_id)
        return self._tenant(rows[0]) if rows else None

    async def add_credential(self, credential: Credential, kept: Kept | None = None) -> None:
        await self.execute(
            f"INSERT INTO credentials ({_CREDENTIAL}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            credential.tenant_id,
            credential.id,
            credential.name,
            credential.party.value,
            codec.encode(credential.scopes),
            None if credential.dialects is None else codec.encode(credential.dialects),
            credential.secret_hash,
            credential.sealed_secret,
            self.to_time(credential.created_at),
            self.to_time(credential.expires_at),
            self.to_time(credential.revoked_at),
            replay=self.replay(credential.tenant_id, kept),
        )

    async def credential(self, tenant_id: str, credential_id: str) -> Credential | None:
        rows = await self._credentials("AND c.id = $2", tenant_id, credential_id)
        return rows[0] if rows else None

    async def credentials(self, tenant_id: str) -> list[Credential]:
        return await self._credentials("ORDER BY c.created_at, c.id", tenant_id)

    async def _credentials(self, rest: str, *values: Any) -> list[Credential]:
        columns = ", ".join(f"c.{name}" for name in _CREDENTIAL.split(", "))
        text = (
            f"SELECT {columns}, t.active FROM credentials c JOIN tenants t ON t.tenant_id = $1 "
            f"WHERE c.tenant_id = $1 {rest}"
        )
        return [self._credential(row) for row in await self.fetch(text, *values)]

    async def revoke_credential(
        self, tenant_id: str, credential_id: str, at: datetime, kept: Kept | None = None
    ) -> None:
        await self.execute(
            "UPDATE credentials SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
            tenant_id,
            credential_id,
            self.to_time(at),
            replay=self.replay(tenant_id, kept),
        )

    async def save_location(self, location: Location, kept: Kept | None = None) -> None:
        await self.execute(
            f"INSERT INTO locations ({_LOCATION}) VALUES ($1, $2, $3, $4, $5, $6, $7) "
            "ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, connector = excluded.connector, "
            "settings = excluded.settings, updated_at = excluded.updated_at",
            location.tenant_id,
            location.id,
            location.name,
            location.connector,
            location.settings,
            self.to_time(location.created_at),
            self.to_time(location.updated_at),
            replay=self.replay(location.tenant_id, kept),
        )

    async def location(self, tenant_id: str, location_id: str) -> Location | None:
        rows = await self.fetch(
            f"SELECT {_LOCATION} FROM locations WHERE tenant_id = $1 AND id = $2", tenant_id, location_id
        )
        return self._location(rows[0]) if rows else None

    async def locations(self, tenant_id: str) -> list[Location]:
        text = f"SELECT {_LOCATION} FROM locations WHERE tenant_id = $1 ORDER BY created_at, id"
        return [self._location(row) for row in await self.fetch(text, tenant_id)]

    def _tenant(self, row: Row) -> Tenant:
        id_, name, active, policy, created_at = row
        return Tenant(
            id=id_,
            name=name,
            active=bool(active),
            policy=codec.decode_policy(policy),
            created_at=self.at(created_at),
        )

    def _credential(self, row: Row) -> Credential:
        return Credential(
            tenant_id=row[0],
            id=row[1],
            name=row[2],
            party=Party(row[3]),
            scopes=codec.decode(row[4], tuple[str, ...]),
            dialects=None if row[5] is None else codec.decode(row[5], tuple[str, ...]),
            secret_hash=row[6],
            sealed_secret=row[7],
            created_at=self.at(row[8]),
            expires_at=self.from_time(row[9]),
            revoked_at=self.from_time(row[10]),
            tenant_active=bool(row[11]),
        )

    def _location(self, row: Row) -> Location:
        return Location(
            tenant_id=row[0],
            id=row[1],
            name=row[2],
            connector=row[3],
            settings=row[4],
            created_at=self.at(row[5]),
            updated_at=self.at(row[6]),
        )
