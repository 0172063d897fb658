// Beside the lines: money, where goods are, who ordered, and what everybody calls this order.
import { html } from '../ui.js';
import { Badge, Copy, counted, money, Time } from '../parts.js';

export function Facts({ order, places }) {
  return html`<div class="stack facts">
    <${Money} order=${order} />
    ${order.allocations.length > 0 && html`<${Allocations} order=${order} places=${places} />`}
    ${order.fulfillments.length > 0 && html`<${Shipments} order=${order} />`}
    <${Customer} order=${order} />
    <${Names} order=${order} />
  </div>`;
}

function Money({ order }) {
  const m = (amount) => html`<span class="number">${money(amount, order.currency)}</span>`;
  const goods = order.lines.reduce((sum, line) => sum + line.total, 0);
  return html`<section class="card" aria-labelledby="money"><h2 id="money">Money</h2>
    <dl class="sums">
      <dt>Goods</dt><dd>${m(goods)}</dd>
      ${order.fees.map((fee) => html`<dt>${fee.title || fee.kind}${fee.credited > 0 && html` <small>${money(fee.credited, order.currency)} credited</small>`}</dt>
        <dd>${m(fee.amount)}</dd>`)}
      <dt>As placed</dt><dd>${m(order.total)}</dd>
      <dt><strong>Comes to now</strong></dt><dd><strong>${m(order.due)}</strong></dd>
      <dt>Paid <small>${[order.payment.status, order.payment.method].filter(Boolean).join(', ')}</small></dt><dd>${m(order.paid)}</dd>
      ${order.refunded > 0 && html`<dt>Given back</dt><dd>${m(order.refunded)}</dd>`}
    </dl>
    <p class="hint">${order.prices_include_tax ? 'Prices include tax.' : 'Prices are without tax.'}</p>
  </section>`;
}

const name = (places, id) => (places.get(id) || {}).name || id;
const quantity = (lines) => counted(lines.reduce((sum, line) => sum + line.quantity, 0), 'unit');

function Allocations({ order, places }) {
  return html`<section class="card" aria-labelledby="allocations"><h2 id="allocations">Allocations</h2>
    <ul class="entries">${order.allocations.map((each) => html`<li key=${each.id}>
      <span>${name(places, each.location_id)}<br /><small>${quantity(each.lines)}${each.connector ? `, asked through ${each.connector}` : ''}</small></span>
      <${Badge} kind=${each.stage === 'cancelled' ? 'bad' : 'plain'}>${each.stage}<//>
    </li>`)}</ul>
  </section>`;
}

function Shipments({ order }) {
  return html`<section class="card" aria-labelledby="shipments"><h2 id="shipments">Shipments</h2>
    <ul class="entries">${order.fulfillments.map((each) => html`<li key=${each.id}>
      <span>${quantity(each.lines)}${each.carrier ? ` by ${each.carrier}` : ''}<br />
        <small>${each.tracking_code && html`<code>${each.tracking_code}</code>, `}<${Time} at=${each.delivered_at || each.created_at} /></small></span>
      <${Badge} kind=${each.state === 'void' ? 'bad' : 'good'}>${each.state}<//>
    </li>`)}</ul>
  </section>`;
}

function Customer({ order }) {
  const { customer, shipping_address: to } = order;
  const street = to && [to.address1, to.address2].filter(Boolean).join(', ');
  const city = to && [to.zip, to.city, to.country_code].filter(Boolean).join(' ');
  return html`<section class="card" aria-labelledby="customer"><h2 id="customer">Customer</h2>
    ${[customer.name, customer.email, customer.phone].filter(Boolean).map((text) => html`<div class="wrap">${text}</div>`)}
    ${to && html`<p class="hint place">${[to.name !== customer.name && to.name, street, city].filter(Boolean).map((text) => html`<span>${text}</span>`)}</p>`}
    ${!customer.name && !customer.email && !to && html`<p class="muted">Nothing is known.</p>`}
    ${order.note && html`<p class="wrap">“${order.note}”</p>`}
  </section>`;
}

function Names({ order }) {
  const known = [['core id', order.id], ...Object.entries(order.keys)];
  return html`<section class="card" aria-labelledby="names"><h2 id="names">Known as</h2>
    <ul class="names">${known.map(([dialect, id]) => html`<li><small>${dialect}</small><code>${id}</code><${Copy} text=${id} /></li>`)}</ul>
    <p class="hint">Version ${order.version}, placed <${Time} at=${order.placed_at} /></p>
  </section>`;
}
