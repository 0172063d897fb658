// The pages, by address. How a page is made:
//
//   pages/<name>.js    export default function Name({ params, query }) { return html`…`; }
//                      `params` are the parts of the path that begin with a colon, `query` a URLSearchParams.
//                      It draws its own <h1>; the layout puts it into <main> and gives the document its title.
//   style/<name>.css   optional; named in `style` below (several with spaces), it is loaded with the page, not before.
//   PAGES below        path, title, load; `nav` puts it into the menu, `scope` says what a key needs to see it there.
//
// Pages ask with `api` (api.js), which throws a `Problem`; `useLoaded` and `Trouble` (parts.js) wait for it and show it.
// Links are plain <a href="/console/…">: a click on one is taken here. `go(path)` does it from code.
// Changes want an `intent()` as their Idempotency-Key, and `ask` (parts.js) before what cannot be undone.
import { signal } from './ui.js';

const BASE = '/console';

export const PAGES = [
  { path: '/', title: 'Orders', nav: 'orders', load: () => import('./pages/orders.js') },
  { path: '/import', title: 'Import', within: '/', style: 'forms import', load: () => import('./pages/import.js') },
  { path: '/orders/:id', title: 'Order', within: '/', style: 'order', load: () => import('./pages/order.js') },
  { path: '/warehouse', title: 'Warehouse desk', nav: 'warehouse', style: 'forms warehouse', load: () => import('./pages/warehouse.js') },
  { path: '/partners', title: 'Partners', nav: 'partners', style: 'forms partners', load: () => import('./pages/partners.js') },
  { path: '/health', title: 'Health', nav: 'health', style: '../vendor/uplot health', load: () => import('./pages/health.js') },
];

export const here = signal(read());

function read() {
  const path = location.pathname.slice(BASE.length).replace(/\/+$/, '') || '/';
  const query = new URLSearchParams(location.search);
  for (const page of PAGES) {
    const params = matched(page.path, path);
    if (params) return { page, params, query, path };
  }
  return { page: null, params: {}, query, path };
}

function matched(template, path) {
  const wanted = template.split('/'), given = path.split('/'), params = {};
  if (wanted.length !== given.length) return null;
  for (let n = 0; n < wanted.length; n++) {
    if (wanted[n].startsWith(':')) params[wanted[n].slice(1)] = decodeURIComponent(given[n]);
    else if (wanted[n] !== given[n]) return null;
  }
  return params;
}

// `replace` leaves no step to go back to, as for what is typed into a search field.
export function go(path, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', BASE + (path === '/' ? '' : path));
  here.value = read();
  if (!replace) scrollTo(0, 0);
}

addEventListener('popstate', () => (here.value = read()));
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || link.target || !(url.pathname + '/').startsWith(`${BASE}/`)) return;
  event.preventDefault();
  go(url.pathname.slice(BASE.length) + url.search || '/');
});
