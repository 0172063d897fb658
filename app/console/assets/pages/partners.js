// Partners: their keys, their webhooks and what these were sent, the mail to customers.
import { html } from '../ui.js';
import { may } from '../api.js';
import { Empty } from '../parts.js';
import { Tabs } from '../forms.js';
import { Keys } from '../partners/keys.js';
import { Webhooks } from '../partners/webhooks.js';
import { Webhook } from '../partners/webhook.js';
import { Mail } from '../partners/mail.js';

const TABS = [
  ['keys', 'Keys', '/console/partners'],
  ['webhooks', 'Webhooks', '/console/partners?tab=webhooks'],
  ['mail', 'Mail', '/console/partners?tab=mail'],
];
const NEEDS = { keys: 'admin', webhooks: 'manage_webhooks', mail: 'read_orders' };

export default function Partners({ query }) {
  const tab = NEEDS[query.get('tab')] ? query.get('tab') : 'keys';
  return html`
    <div class="head"><h1>Partners</h1></div>
    <${Tabs} tabs=${TABS} current=${tab} label="Parts of this page" />
    ${may(NEEDS[tab]) ? html`<${Part} tab=${tab} query=${query} key=${tab} />` : html`<${Empty}>This needs a key with <code>${NEEDS[tab]}</code>.<//>`}`;
}

function Part({ tab, query }) {
  if (tab === 'keys') return html`<${Keys} />`;
  if (tab === 'mail') return html`<${Mail} query=${query} />`;
  const id = query.get('webhook');
  return id ? html`<${Webhook} id=${id} state=${query.get('state') || ''} key=${id} />` : html`<${Webhooks} />`;
}
