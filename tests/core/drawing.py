"""What random orders are made of: strategies of the machines."""

from decimal import Decimal

from hypothesis import strategies as st

from app.core.messages import NewFee, NewLine
from app.core.model import FeeKind, Payment, PaymentStatus, Stage, Step
from app.core.policy import OnSilence, Policy
from tests.core.building import HAMBURG, LYON, SHOP

LOCATIONS = {HAMBURG: "http", LYON: "manual", SHOP: None}
ONWARD = {
    Step.ANNOUNCED: Step.RECEIVED,
    Step.RECEIVED: Step.FINISHED,
    Step.AWAITING_APPROVAL: Step.APPROVED,
    Step.APPROVED: Step.RESTOCKED,
    Step.RESTOCKED: Step.FINISHED,
}
places = st.sampled_from(sorted(LOCATIONS))
few = st.sampled_from([1, 1, 1, 2, 2, 3, 4, 6, 9, 0, -1])
which = st.integers(0, 5)
seldom = st.sampled_from([False, False, False, True])
stages = st.sampled_from([Stage.REQUESTED, Stage.REQUESTED, *Stage])
goods = st.builds(
    NewLine,
    sku=st.sampled_from("AB"),
    quantity=st.integers(1, 9),
    unit_price=st.integers(0, 2000),
    tax_rate=st.sampled_from([Decimal(0), Decimal("0.07"), Decimal("0.2")]),
)
charges = st.builds(NewFee, kind=st.sampled_from(FeeKind), amount=st.integers(0, 900))
payments = st.builds(
    Payment, status=st.sampled_from([PaymentStatus.PAID, *PaymentStatus]), amount=st.none() | st.integers(0, 20_000)
)
policies = st.builds(
    Policy,
    approve_returns=st.booleans(),
    restock_on_cancel=st.booleans(),
    warehouse_deadline=st.none() | st.just(60),
    on_silence=st.sampled_from(OnSilence),
    dispatch_to=st.none() | places,
    return_window_hours=st.none() | st.just(1),
)
