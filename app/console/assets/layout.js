// Around every page: the menu, who is signed in, the page itself.
import { html, useEffect, useRef, useState } from './ui.js';
import { may, session, signOut } from './api.js';
import { here, PAGES } from './router.js';
import { Asking, Icon, Notes, Trouble } from './parts.js';

export function Layout() {
  const { page, params, path } = here.value;
  const main = useRef(null), first = useRef(true);
  useEffect(() => {
    document.title = `${page ? page.title : 'Not found'} – Dragoman`;
    // Whoever reads with the keyboard or by ear is at the page's beginning, too.
    if (!first.current) main.current.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  return html`
    <a class="skip" href="#main" onClick=${(event) => skip(event, main)}>Skip to content</a>
    <header class="side">
      <a class="brand" href="/console" aria-label="Dragoman, all orders"><${Mark} /><span>Dragoman</span></a>
      <nav aria-label="Pages"><ul>${PAGES.filter(shown).map((each) => html`<${Entry} page=${each} />`)}</ul></nav>
      <${Who} />
    </header>
    <main id="main" tabindex="-1" ref=${main}><${Page} key=${page ? page.path + JSON.stringify(params) : path} /></main>
    <${Asking} />
    <${Notes} />`;
}

const shown = (page) => page.nav && (!page.scope || may(page.scope));

function skip(event, main) {
  event.preventDefault();
  main.current.focus();
}

function Entry({ page }) {
  const now = here.value.page;
  const current = now && (now.path === page.path || now.within === page.path);
  return html`<li>
    <a href=${`/console${page.path === '/' ? '' : page.path}`} aria-current=${current ? 'page' : null}>
      <${Icon} name=${page.nav} /><span>${page.title}</span>
    </a>
  </li>`;
}

function Who() {
  const { tenant, party } = session.value;
  return html`<div class="who">
    <span class="who-name">${tenant.name}<small>${party}</small></span>
    <button class="quiet" onClick=${signOut}><${Icon} name="leave" /><span>Sign out</span></button>
  </div>`;
}

function Page() {
  const { page, params, query } = here.value;
  const [loaded, setLoaded] = useState(null);
  const [trouble, setTrouble] = useState(null);
  useEffect(() => {
    if (!page) return;
    Promise.all([page.load(), ...(page.style || '').split(' ').filter(Boolean).map(styled)]).then(([module]) => setLoaded(() => module.default), setTrouble);
  }, []);
  if (!page) return html`<h1>Not found</h1><p>There is no such page. <a href="/console">See all orders</a></p>`;
  if (trouble) return html`<${Trouble} problem=${updated(trouble)} />`;
  return loaded ? html`<${loaded} params=${params} query=${query} />` : html`<p role="status">Loading …</p>`;
}

function styled(name) {
  const href = new URL(`./style/${name}.css`, import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return null;
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  return new Promise((done) => {
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

// A page older than the server does not find the rest of itself.
function updated(error) {
  if (!/import|module/i.test(error.message)) return error;
  return Object.assign(new Error('This page could not be loaded: the console may have been updated. Load it anew.'), {
    code: 'page_not_loaded',
  });
}

function Mark() {
  return html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" class="mark">
    <rect width="32" height="32" rx="8" class="mark-back" />
    <path d="M9 9h9a4 4 0 0 1 4 4v1" class="mark-one" /><path d="M23 23h-9a4 4 0 0 1-4-4v-1" class="mark-two" />
    <circle cx="9" cy="9" r="2.4" class="mark-one-dot" /><circle cx="23" cy="23" r="2.4" class="mark-two-dot" />
  </svg>`;
}
