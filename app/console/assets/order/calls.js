// An action as the call in every dialect, in three languages, ready to copy.
import { html, useEffect, useState } from '../ui.js';
import { own } from '../api.js';
import { Copy, Trouble } from '../parts.js';

const LANGUAGES = [['curl', 'curl'], ['python', 'Python'], ['javascript', 'JavaScript']];
const ACTIONS = [['read', 'Read the order'], ['cancel', 'Cancel'], ['return', 'Return'], ['fulfil', 'Fulfil'], ['allocate', 'Allocate']];

// `intent`: as POST /console/calls takes it; without one, a choice of what there is.
export function Calls({ order, intent }) {
  const [act, setAct] = useState('cancel');
  const [language, setLanguage] = useState('curl');
  const [told, setTold] = useState(null);
  const [key, setKey] = useState(null);
  const [problem, setProblem] = useState(null);
  const asked = { order_id: order.id, ...(intent || { act }) };
  useEffect(() => {
    let late = false;
    own('POST', '/calls', asked).then((value) => late || (setTold(value), setProblem(null)), (trouble) => late || setProblem(trouble));
    return () => (late = true);
  }, [JSON.stringify(asked), order.version]);
  const fill = () => (key ? setKey(null) : own('POST', '/key').then((value) => setKey(value.key), setProblem));
  return html`<div class="calls">
    <div class="head">
      ${!intent && html`<${Choice} name="What to say" of=${ACTIONS} chosen=${act} choose=${setAct} />`}
      <${Choice} name="Language" of=${LANGUAGES} chosen=${language} choose=${setLanguage} />
      <span class="grow" />
      <button type="button" aria-pressed=${Boolean(key)} onClick=${fill}>${key ? 'Take my key out' : 'Fill in my key'}</button>
    </div>
    ${key && html`<p class="warning">The calls below hold your key: whoever has them can do what you can.</p>`}
    <${Trouble} problem=${problem} />
    ${told && told.dialects.map((each) => html`<${Said} key=${each.dialect} told=${each} language=${language}
      text=${(call) => (key ? call[language].replaceAll(told.placeholder, key) : call[language])} />`)}
  </div>`;
}

function Choice({ name, of, chosen, choose }) {
  return html`<div class="chips" role="group" aria-label=${name}>
    ${of.map(([value, label]) => html`<button type="button" class="chip" aria-pressed=${value === chosen} onClick=${() => choose(value)}>${label}</button>`)}
  </div>`;
}

function Said({ told, text }) {
  if (!told.calls.length) return html`<div class="said"><h3>${told.dialect}</h3><p class="muted">Has no words for this.</p></div>`;
  return html`<div class="said">
    <h3>${told.dialect}${!told.allowed && html` <small>(this key may not use it)</small>`}</h3>
    ${told.calls.map((call) => html`<div class="call">
      <p class="hint">${call.about}<span class="grow" /><${Copy} text=${text(call)} of=${`the call for ${told.dialect}`} /></p>
      <pre class="snippet" tabindex="0" role="region" aria-label=${`${told.dialect}: ${call.about}`}><code>${text(call)}</code></pre>
    </div>`)}
  </div>`;
}
