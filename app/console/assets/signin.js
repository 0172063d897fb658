// Signing in with an API key.
import { html, useState } from './ui.js';
import { signIn } from './api.js';
import { Trouble } from './parts.js';

export function SignIn() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn(new FormData(event.target).get('key'));
    } catch (trouble) {
      setProblem(trouble);
      setBusy(false);
    }
  }
  return html`<main class="signin">
    <form class="card" onSubmit=${submit}>
      <h1>Dragoman</h1>
      <p class="muted">One order, in every partner’s words.</p>
      <label for="key">API key</label>
      <input id="key" name="key" type="password" required autofocus autocomplete="current-password" spellcheck="false"
        placeholder="drg_…" aria-describedby="key-help" />
      <p id="key-help" class="hint">
        From <code>dragoman key add</code>. This browser keeps it sealed, for twelve hours; a revoked key ends it at once.
      </p>
      <${Trouble} problem=${problem} />
      <button class="primary" disabled=${busy}>${busy ? 'Signing in …' : 'Sign in'}</button>
    </form>
  </main>`;
}
