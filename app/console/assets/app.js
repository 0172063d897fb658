// The start: who is signed in, then the page that the address names.
import { html, render, useEffect } from './ui.js';
import { session, whoAmI } from './api.js';
import { Layout } from './layout.js';
import { SignIn } from './signin.js';

function App() {
  useEffect(() => void whoAmI(), []);
  if (session.value === undefined) return html`<p class="starting" role="status">Loading …</p>`;
  return session.value === null ? html`<${SignIn} />` : html`<${Layout} />`;
}

render(html`<${App} />`, document.getElementById('app'));
