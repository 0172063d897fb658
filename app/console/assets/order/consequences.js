// What an action would do to each unit, to money and to stock; of a cancellation as its dry run says.
import { html } from '../ui.js';
import { money } from '../parts.js';
import { shares, STATES } from '../units.js';

export function Consequences({ act, review, places }) {
  const { dry, lines, order } = review;
  const wanted = new Map(lines.map((line) => [line.line_id, line.quantity]));
  const rows = order.lines.filter((line) => wanted.has(line.id));
  return html`<div class="consequences">
    <table>
      <caption class="unseen">What happens to each line</caption>
      <thead><tr><th scope="col">Line</th><th scope="col">Units</th><th scope="col">${dry ? 'Then' : ''}</th></tr></thead>
      <tbody>${rows.map((line) => html`<tr>
        <td>${line.title || line.sku}</td><td class="number">${wanted.get(line.id)}</td>
        <td>${dry ? moved(shares(order, line), shares(dry.order, dry.order.lines.find((each) => each.id === line.id))) : `of ${act.most(line, order)}`}</td>
      </tr>`)}</tbody>
    </table>
    ${dry && html`<${Dry} order=${order} dry=${dry} places=${places} />`}
  </div>`;
}

function moved(was, is) {
  return STATES.filter((state) => was[state] !== is[state]).map((state) => html`<span class="move">
    <span class=${`dot unit-${state}`} /> ${state} ${was[state]} → ${is[state]}
  </span>`);
}

function Dry({ order, dry, places }) {
  const { amount, currency, stock } = dry.dry_run;
  const waits = dry.request.state === 'PENDING';
  const name = (id) => (places.get(id) || {}).name || id;
  return html`<dl class="sums">
    <dt>Worth</dt><dd class="number">${money(amount, currency)}</dd>
    <dt>The order then comes to</dt><dd class="number">${money(dry.order.due, currency)}${waits ? ' until it is agreed to' : ''}</dd>
    <dt>Stock</dt><dd>${stock.length ? stock.map((move) => html`<div>${move.quantity} × <code>${move.sku}</code> back to ${name(move.location_id)}</div>`) : 'stays as it is'}</dd>
    ${waits && html`<dt>First asked</dt><dd>${dry.request.asked.map((ask) => name(ask.location_id)).join(', ') || 'somebody has to approve it'}</dd>`}
    <dt>Order</dt><dd>${dry.order.state === order.state ? `stays ${order.state}` : `${order.state} → ${dry.order.state}`}</dd>
  </dl>`;
}
