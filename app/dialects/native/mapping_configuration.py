"""What a tenant keeps, to native wire shapes: itself, its locations, its credentials. Pure."""

from app.core import times
from app.core.ports import Credential, Location, Tenant
from app.dialects.native import wire_configuration
from app.service import places


def from_location(location: Location) -> wire_configuration.Location:
    return {
        "id": location.id,
        "name": location.name,
        "connector": places.shown(location),
        "created_at": times.text(location.created_at),
        "updated_at": times.text(location.updated_at),
    }


def from_tenant(tenant: Tenant) -> wire_configuration.Tenant:
    policy = tenant.policy
    return {
        "id": tenant.id,
        "name": tenant.name,
        "active": tenant.active,
        "policy": {
            "track_inventory": policy.track_inventory,
            "approve_returns": policy.approve_returns,
            "restock_on_cancel": policy.restock_on_cancel,
            "warehouse_deadline": policy.warehouse_deadline,
            "on_silence": policy.on_silence.value,
            "sync_wait": policy.sync_wait,
            "return_window_hours": policy.return_window_hours,
            "reasons": list(policy.reasons),
            "dispatch_to": policy.dispatch_to,
            "mail_from": policy.mail_from,
            "mail_reply_to": policy.mail_reply_to,
            "language": policy.language,
        },
        "created_at": times.text(tenant.created_at),
    }


def from_credential(credential: Credential) -> wire_configuration.Credential:
    return {
        "id": credential.id,
        "name": credential.name,
        "party": credential.party.value,
        "scopes": list(credential.scopes),
        "dialects": None if credential.dialects is None else list(credential.dialects),
        "created_at": times.text(credential.created_at),
        "expires_at": times.maybe_text(credential.expires_at),
        "revoked_at": times.maybe_text(credential.revoked_at),
    }
