// The same order side by side as each dialect shows it: literally what it answers. Below, any action as its calls.
import { html, useEffect, useState } from '../ui.js';
import { Badge, Copy, Trouble } from '../parts.js';
import { Calls } from './calls.js';
import { countChanges, Json } from './json.js';
import { remember, shown } from './snapshots.js';

export function Rosetta({ order }) {
  const [problem, setProblem] = useState(null);
  useEffect(() => void remember(order).then(() => setProblem(null), setProblem), [order.id, order.version]);
  const held = shown.value && shown.value.id === order.id ? shown.value : null;
  return html`<section aria-labelledby="stone">
      <h2 id="stone" class="unseen">As each dialect shows it</h2>
      <p class="hint">What each dialect answers right now. What the last change made different is marked, while this page is open.</p>
      <${Trouble} problem=${problem} />
      <div class="stone" tabindex="0" role="group" aria-label="Side by side">
        ${held && Object.values(held.looks).map((look) => html`<${Look} key=${look.name} look=${look} />`)}
      </div>
    </section>
    <section class="card" aria-labelledby="calls"><h2 id="calls">Said in every dialect</h2><${Calls} order=${order} /></section>`;
}

function Look({ look }) {
  const { name, call, status, body, was, trouble } = look;
  const changes = countChanges(body, was);
  return html`<article class="look" aria-label=${name}>
    <header>
      <h3>${name}</h3>
      ${status && html`<${Badge} kind=${status < 300 ? 'good' : 'bad'}>${status}<//>`}
      ${changes > 0 && html`<span class="badge changes">${changes} changed</span>`}
      <span class="grow" />${body !== undefined && html`<${Copy} text=${JSON.stringify(body, null, 2)} />`}
    </header>
    ${call && html`<p class="hint call-line" title=${call.path}><code>${call.method} ${call.path}</code></p>`}
    ${trouble ? html`<p class="muted">${trouble}</p>` : html`<${Json} value=${body} was=${was} label=${`The order in ${name}`} />`}
  </article>`;
}
