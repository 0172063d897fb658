"""What resolvers read beside the order that they change: by external reference, names of locations, who may ask."""

from collections.abc import Mapping

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode

from app.core.ledger import Ledger
from app.core.ports import Query, Ref
from app.core.refusal import Code, Refusal
from app.dialects.happycolis import inputs, mapping, picture
from app.web.faults import Detail, Fault, FaultCode
from app.web.graphql import Call, Info


def call_for(info: Info, scope: str) -> Call:
    """The caller's operation. Raises SCOPE_MISSING."""
    info.context.require(scope)
    return info.context


async def by_reference(call: Call, application: str, external: str) -> Ledger:
    """By what the application calls it; else, of an order that no application has a name for, by its number."""
    ref = mapping.to_reference(application, external)
    try:
        return await call.services.desk.read(call.caller, ref)
    except Refusal as refusal:
        if refusal.code is not Code.ORDER_NOT_FOUND or not ref.storable:
            raise
    for ledger in await call.services.desk.find(call.caller, Query(number=external, limit=1)):
        if picture.reference(ledger.order)[0] is None:
            return ledger
    raise Refusal(Code.ORDER_NOT_FOUND)


async def named(call: Call, body: inputs.OrderUpdate) -> Ref:
    """2.9: by id, else by the external reference that the client itself gave."""
    if body.id is not None:
        return mapping.to_ref(body.id)
    if body.external_reference is None:
        raise Fault(FaultCode.INVALID, Detail("input", "must have an id or an externalReference"))
    found = await by_reference(call, call.caller.credential_id, body.external_reference)
    return mapping.to_ref(found.order.id)


async def names(info: Info, ledger: Ledger) -> Mapping[str, str]:
    """Those of locations, by id; none are read unless the document asks for them."""
    if not ledger.order.allocations or not _asks_for(info, "location"):
        return {}
    call = info.context
    return {held.id: held.name for held in await call.services.office.locations(call.caller.tenant_id)}


def _asks_for(info: Info, name: str) -> bool:
    """Whether a field of that name is selected somewhere below."""
    waiting, known = [node.selection_set for node in info.field_nodes], set[str]()
    while waiting:
        selected = waiting.pop()
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                if node.name.value == name:
                    return True
                waiting.append(node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in known:
                known.add(node.name.value)
                waiting.append(info.fragments[node.name.value].selection_set)
    return False
