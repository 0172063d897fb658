// What an event changed, in words: the counts and the state are its own; amounts, units and places are those of what the
// order has of the same moment.
import { money } from '../parts.js';

// Gives what tells of one of the events of an order: {changes, reason}, the reason that a refund has of its own.
export function telling(order, events, places) {
  const skus = new Map(order.lines.map((line) => [line.id, line.sku]));
  const moments = new Map();
  for (const event of events) moments.set(moment(event), (moments.get(moment(event)) || 0) + 1);
  const told = {
    order,
    m: (amount) => money(amount, order.currency),
    place: (id) => (places.get(id) || {}).name || id,
    units: (entries) => listed(skus, entries),
  };
  return (event) => {
    // Of two like it in one millisecond nobody can say which did what.
    const alone = moments.get(moment(event)) === 1;
    const changes = [...counts(event, order), ...(alone ? [...steps(event, told), ...more(event, told)] : []), ...state(event)];
    const refund = alone && refundOf(event, order);
    return { changes, reason: refund ? refund.reason : null };
  };
}

const refundOf = (event, order) => (event.type === 'order.refunded' ? order.refunds.find((each) => each.created_at === event.at) : undefined);

const moment = (event) => `${event.type} ${event.at}`;

function listed(skus, entries) {
  const sums = new Map();
  for (const { line_id: id, sku, quantity } of entries) {
    const name = skus.get(id) || sku || id;
    sums.set(name, (sums.get(name) || 0) + quantity);
  }
  return [...sums].map(([name, quantity]) => `${quantity} × ${name}`).join(', ');
}

// Only what is not as before.
function counts(event, order) {
  const before = event.before.lines || {}, after = event.after.lines || {};
  return order.lines.flatMap((line) => {
    const was = before[line.id] || {}, is = after[line.id];
    if (!is) return [];
    const parts = Object.keys(is).filter((name) => (was[name] || 0) !== is[name]).map((name) => `${name} ${was[name] || 0} → ${is[name]}`);
    return parts.length ? [`${line.sku}: ${parts.join(', ')}`] : [];
  });
}

function state(event) {
  const changed = event.before.state && event.after.state !== event.before.state;
  return changed ? [`Order: ${event.before.state} → ${event.after.state}`] : [];
}

// Units that took the step which the event is called after, or which it was as well.
function steps(event, { order, units }) {
  return [event, ...(event.also || [])].flatMap(({ type, request_id: id }) => {
    const [kind, step] = type.split('.');
    if (kind !== 'return' && kind !== 'cancel') return [];
    const { adjustments = [] } = order.cases.find((each) => each.id === id) || {};
    const moved = adjustments.filter((entry) => entry.steps.some((each) => each.step === step && each.at === event.at));
    return moved.length ? [`${units(moved)} ${step}`] : [];
  });
}

function more(event, told) {
  const kind = Object.keys(MORE).find((name) => name.split(' ').includes(event.type));
  return kind ? MORE[kind](event, told) : [];
}

const MORE = {
  'order.refunded': (event, { order, m, units }) => {
    const refund = refundOf(event, order);
    if (!refund) return [];
    const about = [units(refund.lines), refund.fees > 0 && `${m(refund.fees)} of fees`].filter(Boolean).join(' and ');
    return [`${m(refund.amount)} given back${about && ` for ${about}`}`];
  },
  'fees.credited': (event, { order, m }) =>
    order.fee_credits.filter((each) => each.created_at === event.at).map((each) => {
      const fee = order.fees.find((one) => one.id === each.fee_id);
      return `${(fee && (fee.title || fee.kind)) || each.fee_id}: ${m(each.amount)} credited`;
    }),
  'order.allocated order.dispatched order.opened lines.opened fulfillment.requested allocation.updated': (event, { order, place, units }) =>
    order.allocations.flatMap((each) => {
      if (each.created_at === event.at) return [`${units(each.lines)} at ${place(each.location_id)}`];
      // An earlier stage is not kept.
      return each.updated_at === event.at ? [`${units(each.lines)} at ${place(each.location_id)}: ${each.stage}`] : [];
    }),
  'fulfillment.delivered fulfillment.voided fulfillment.updated': (event, { order, units }) =>
    order.fulfillments.filter((each) => [each.updated_at, each.delivered_at].includes(event.at)).map((each) =>
      [units(each.lines), each.carrier && `by ${each.carrier}`, each.tracking_code].filter(Boolean).join(' ')),
};
