"""Signatures as somebody else's library and the contract's own words have them, never checked with our own signer."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from app.core.refusal import Code, Refusal
from app.warehouse import signing
from tests.core.building import NOW
from tests.warehouse.asking import SECRET

BODY = '{"request_id":"r","accepted":true,"message":"Größe L – zurück"}'.encode()


def signed(at=NOW, body: bytes = BODY, message_id: str = "msg-1") -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(message_id, at, body.decode()),
    }


def refused(headers: dict[str, str], body: bytes = BODY) -> str:
    with pytest.raises(Refusal) as no:
        signing.check_standard(SECRET, headers, NOW, body)
    assert no.value.code is Code.UNAUTHENTICATED
    return str(no.value.facts["cause"])


def test_ours_is_what_the_library_makes():
    assert signing.standard_headers(SECRET, "msg-1", NOW, BODY) == signed()


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_")], ids=["with prefix", "without"])
def test_the_library_s_is_taken(secret):
    assert signing.check_standard(secret, signed(), NOW, BODY) == "msg-1"


def test_one_of_several_signatures_is_enough():
    """While a secret is changed a sender signs with both."""
    headers = signed()
    other = base64.b64encode(b"x" * 32).decode()
    headers["webhook-signature"] = f"v1,{other} v1a,{other} {headers['webhook-signature']}"

    assert signing.check_standard(SECRET, headers, NOW, BODY) == "msg-1"


@pytest.mark.parametrize("minutes", [-5, 5])
def test_clocks_may_differ_a_little(minutes):
    assert signing.check_standard(SECRET, signed(NOW + timedelta(minutes=minutes)), NOW, BODY) == "msg-1"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_message_of_another_time_may_be_somebody_s_copy(seconds):
    assert refused(signed(NOW + timedelta(seconds=seconds))) == "expired"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_nothing_may_be_missing(name):
    headers = signed()
    del headers[name]

    assert refused(headers) in {"missing", "unknown"}


@pytest.mark.parametrize("stamp", ["", "now", "1e9", "-1", "9" * 13, "①"])
def test_a_timestamp_is_a_number(stamp):
    assert refused({**signed(), "webhook-timestamp": stamp}) == "missing"


@pytest.mark.parametrize("signature", ["", "v1,", "v1,Zm9v", "v2,x", "é", "v1"])
def test_a_wrong_signature(signature):
    assert refused({**signed(), "webhook-signature": signature}) == "unknown"


def test_one_changed_byte():
    assert refused(signed(), BODY.replace(b"true", b"!!!!")) == "unknown"
    assert refused({**signed(), "webhook-id": "msg-2"}) == "unknown"


def test_happycolis_signs_the_very_bytes_with_the_client_s_secret():
    """Contract 4.5."""
    digest = hmac.new(b"client-secret", BODY, hashlib.sha256).digest()
    header = "x-happycolis-webhook-signature"

    signing.check_happycolis("client-secret", {header: base64.b64encode(digest).decode()}, BODY)

    for headers, cause in [
        ({}, "missing"),
        ({header: "Zm9v"}, "unknown"),
        ({header: digest.hex()}, "unknown"),
        ({header: "é"}, "unknown"),
    ]:
        with pytest.raises(Refusal) as no:
            signing.check_happycolis("client-secret", headers, BODY)
        assert no.value.facts == {"cause": cause}
