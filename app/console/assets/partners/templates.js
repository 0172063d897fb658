// The texts of mail: the tenant's own in place of ours.
import { html, useState } from '../ui.js';
import { api } from '../api.js';
import { ask, Badge, note, Trouble, useLoaded } from '../parts.js';
import { Field, useSending } from '../forms.js';

const PARTS = [['subject', 2, 'Subject'], ['text', 10, 'Plain text'], ['html', 14, 'HTML']];

export function Templates() {
  const { value, problem, again } = useLoaded((signal) => api.get('/mail/templates', { signal }), []);
  const [kind, setKind] = useState(null);
  const [language, setLanguage] = useState('en');
  const templates = value ? value.templates : [];
  const kinds = [...new Set(templates.map((each) => each.kind))];
  const wanted = kind || kinds[0];
  const known = templates.filter((each) => each.kind === wanted).map((each) => each.language);
  const template = templates.find((each) => each.kind === wanted && each.language === language);
  return html`<section class="card form" aria-labelledby="templates">
    <h2 id="templates">Templates</h2>
    <${Trouble} problem=${problem} />
    <div class="fields">
      <${Field} label="Kind">${(given) => html`
        <select ...${given} value=${wanted} onChange=${(event) => setKind(event.target.value)}>${kinds.map((each) => html`<option>${each}</option>`)}</select>`}<//>
      <${Field} label="Language">${(given) => html`
        <select ...${given} value=${language} onChange=${(event) => setLanguage(event.target.value)}>${known.map((each) => html`<option>${each}</option>`)}</select>`}<//>
    </div>
    ${template && html`<${Edit} key=${wanted + language + template.updated_at} template=${template} onSaved=${again} />`}
  </section>`;
}

function Edit({ template, onSaved }) {
  const { busy, problem, run } = useSending();
  const path = `/mail/templates/${encodeURIComponent(template.kind)}/${encodeURIComponent(template.language)}`;
  async function save(event) {
    event.preventDefault();
    const form = new FormData(event.target), body = {};
    // What still reads as ours stays ours, and gets better when ours does.
    for (const [name] of PARTS) {
      const text = form.get(name).replaceAll('\r\n', '\n');
      if (text !== template[name].replaceAll('\r\n', '\n') || template.own.includes(name)) body[name] = text;
    }
    if (!Object.keys(body).length) return note('Nothing was changed.');
    if (!(await run((key) => api.put(path, body, { key }), body))) return undefined;
    note('Saved. The next mail says it so.');
    return onSaved();
  }
  async function reset() {
    const text = html`<p>Your own texts of this kind and language are dropped.</p>`;
    if (!(await ask({ title: 'Go back to ours?', text, yes: 'Go back' }))) return;
    if (await run((key) => api.delete(path, { key }), 'reset')) onSaved();
  }
  return html`<form class="form" onSubmit=${save} aria-label="Template">
    ${PARTS.map(([name, rows, label]) => html`<${Field} key=${name} label=${html`${label} ${template.own.includes(name) ? html`<${Badge} kind="accent">yours<//>` : ''}`}>${(given) => html`
      <textarea ...${given} class="mono" name=${name} rows=${rows} required spellcheck="false" defaultValue=${template[name]}></textarea>`}<//>`)}
    <div class="buttons">
      <button class="primary" disabled=${busy}>Save</button>
      ${template.own.length > 0 && html`<button type="button" disabled=${busy} onClick=${reset}>Back to ours</button>`}
    </div>
    <${Trouble} problem=${problem} />
  </form>`;
}
