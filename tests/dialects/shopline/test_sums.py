"""What went back of the tax that the partner gave for a whole order: its share of the fees, and in the end all."""

from app.core.aftersales import GiveBack
from app.core.messages import NewFee
from app.core.model import FeeKind, Payment, PaymentStatus
from app.dialects.shopline.sums import Totals
from tests.core.building import Story, placed

FEES = (NewFee(kind=FeeKind.SHIPPING, amount=2), NewFee(kind=FeeKind.OTHER, title="Tax", amount=5))


def test_the_tax_of_a_whole_order_is_rounded_half_up():
    for fees, tax in enumerate((1, 1, 2, 3, 4, 4, 5), start=1):
        payment = Payment(status=PaymentStatus.PAID, amount=fees)
        story = Story(placed(1, fees=FEES, payment=payment, extras={"shopline": {"tax_fee": 1}}))
        story.do(GiveBack())
        assert story.ledger.order.refunds[0].fees == fees
        assert Totals(story.ledger, 1).tax == tax
