"""Amounts, payment, fees with what was credited of them, and refunds, to native wire shapes. Pure."""

from app.core import model, money, times
from app.core import units as u
from app.dialects.native import mapping_requests, wire


def amounts(order: model.Order) -> wire.Amounts:
    total, due, paid, refunded = money.sums(order)
    return {"total": total, "due": due, "paid": paid, "refunded": refunded}


def from_payment(payment: model.Payment) -> wire.Payment:
    return {"status": payment.status.value, "method": payment.method, "amount": payment.amount}


def from_fee(order: model.Order, fee: model.Fee) -> wire.Fee:
    return {
        "id": fee.id,
        "kind": fee.kind.value,
        "title": fee.title,
        "amount": fee.amount,
        "credited": fee.amount - money.fee_left(order, fee),
    }


def from_credit(credit: model.FeeCredit) -> wire.FeeCredit:
    return {
        "id": credit.id,
        "fee_id": credit.fee_id,
        "amount": credit.amount,
        "adjustments": [
            {"origin": x.origin, "quantity": u.count(x.units), "units": mapping_requests.ranges(x.units)}
            for x in credit.items
        ],
        "dialect": credit.actor.dialect,
        "party": credit.actor.party.value,
        "credential_id": credit.actor.credential_id,
        "created_at": times.text(credit.created_at),
    }


def from_refund(refund: model.Refund) -> wire.Refund:
    return {
        "id": refund.id,
        "amount": refund.amount,
        "fees": refund.fees,
        "lines": mapping_requests.line_units(refund.items),
        "reason": mapping_requests.from_reason(refund.reason),
        "dialect": refund.actor.dialect,
        "party": refund.actor.party.value,
        "credential_id": refund.actor.credential_id,
        "created_at": times.text(refund.created_at),
    }
