"""Native routes on what a tenant keeps: itself and its policy, locations, credentials."""

from typing import Any

from app.core.model import Party
from app.core.ports import Credential
from app.core.refusal import Code, Refusal
from app.dialects.native import bodies, bodies_locations, mapping_configuration, wire_configuration
from app.service.access import SCOPES
from app.web.dialect import discover
from app.web.face import Routes
from app.web.faults import Detail, Fault, FaultCode
from app.web.reply import Reply, json, pack, unpack
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


@routes.get("/tenant", scope="read_orders", answer=wire_configuration.Tenant)
async def get_tenant(call: _Call) -> Reply:
    """The tenant of the key, with its policy."""
    return json(mapping_configuration.from_tenant(await call.services.office.tenant(call.caller.tenant_id)))


@routes.patch("/tenant", scope="admin", body=bodies.TenantPatch, answer=wire_configuration.Tenant)
async def edit_tenant(call: Call[bodies.TenantPatch, Nothing]) -> Reply:
    """Change the name, or parts of the policy; it holds for the next request."""
    policy = call.body.policy.model_dump(exclude_unset=True) if call.body.policy else {}
    if "reasons" in policy:
        policy["reasons"] = tuple(policy["reasons"])
    if policy.get("dispatch_to") is not None:
        await call.services.office.location(call.caller.tenant_id, policy["dispatch_to"])
    stored = await call.services.office.edit_tenant(
        call.caller,
        call.once,
        lambda tenant: pack(json(mapping_configuration.from_tenant(tenant))),
        name=call.body.name,
        policy=policy,
    )
    return unpack(stored)


@routes.post(
    "/locations", scope="admin", body=bodies_locations.LocationIn, answer=wire_configuration.Location, status=201
)
async def add_location(call: Call[bodies_locations.LocationIn, Nothing]) -> Reply:
    """Add a location; with a connector, changes to what it works on need its word."""
    connector, settings = bodies_locations.connector(call.body)
    stored = await call.services.office.add_location(
        call.caller,
        call.once,
        lambda location: pack(json(mapping_configuration.from_location(location), 201)),
        name=call.body.name,
        connector=connector,
        settings=settings,
    )
    return unpack(stored)


@routes.get("/locations", scope="read_orders", answer=wire_configuration.LocationList)
async def list_locations(call: _Call) -> Reply:
    """All locations, oldest first."""
    found = await call.services.office.locations(call.caller.tenant_id)
    return json({"locations": [mapping_configuration.from_location(location) for location in found]})


@routes.get("/locations/{location_id}", scope="read_orders", answer=wire_configuration.Location)
async def get_location(call: _Call) -> Reply:
    """Read a location."""
    found = await call.services.office.location(call.caller.tenant_id, _id(call, "location_id"))
    return json(mapping_configuration.from_location(found))


@routes.patch(
    "/locations/{location_id}",
    scope="admin",
    body=bodies_locations.LocationPatch,
    answer=wire_configuration.Location,
)
async def edit_location(call: Call[bodies_locations.LocationPatch, Nothing]) -> Reply:
    """Rename a location, or change its connector.

    Its settings hold for the next question; an allocation keeps the kind of connector that it was made under.
    """
    changed: dict[str, Any] = {"name": call.body.name} if call.body.name is not None else {}
    if "connector" in call.body.model_fields_set:
        connector, settings = bodies_locations.connector(call.body)
        changed |= {"connector": connector, "settings": settings}
    stored = await call.services.office.edit_location(
        call.caller,
        call.once,
        lambda location: pack(json(mapping_configuration.from_location(location))),
        location_id=_id(call, "location_id"),
        changed=changed,
    )
    return unpack(stored)


@routes.post("/credentials", scope="admin", body=bodies.CredentialIn, answer=wire_configuration.Credential, status=201)
async def add_credential(call: Call[bodies.CredentialIn, Nothing]) -> Reply:
    """Make an API key; its text is shown in this answer only, not in one repeated under an Idempotency-Key."""
    body = call.body
    _check_dialects(body.dialects)

    def render(credential: Credential, key: str | None) -> str:
        shown = mapping_configuration.from_credential(credential)
        return pack(json(shown if key is None else {**shown, "key": key}, 201))

    stored = await call.services.office.add_credential(
        call.caller,
        call.once,
        render,
        name=body.name,
        party=Party(body.party),
        scopes=SCOPES if body.scopes is None else tuple(dict.fromkeys(body.scopes)),
        dialects=None if body.dialects is None else tuple(dict.fromkeys(body.dialects)),
        expires_at=body.expires_at,
    )
    return unpack(stored)


@routes.get("/credentials", scope="admin", answer=wire_configuration.CredentialList)
async def list_credentials(call: _Call) -> Reply:
    """All credentials, without their secrets."""
    found = await call.services.office.credentials(call.caller.tenant_id)
    return json({"credentials": [mapping_configuration.from_credential(credential) for credential in found]})


@routes.delete("/credentials/{credential_id}", scope="admin", answer=wire_configuration.Credential)
async def revoke_credential(call: _Call) -> Reply:
    """Revoke a key for good."""
    stored = await call.services.office.revoke_credential(
        call.caller,
        call.once,
        lambda credential: pack(json(mapping_configuration.from_credential(credential))),
        credential_id=_id(call, "credential_id"),
    )
    return unpack(stored)


def _check_dialects(given: list[str] | None) -> None:
    for n, name in enumerate(given or ()):
        if name not in {dialect.name for dialect in discover()}:
            raise Fault(FaultCode.INVALID, Detail(f"dialects.{n}", "is no dialect that is served here"))


_UNKNOWN = {"location_id": Code.LOCATION_NOT_FOUND, "credential_id": Code.CREDENTIAL_NOT_FOUND}


def _id(call: _Call, name: str) -> str:
    """An id from the path, if it is one that a database could hold."""
    text = call.path[name]
    if not text.isprintable() or len(text) > 255:
        raise Refusal(_UNKNOWN[name])
    return text
