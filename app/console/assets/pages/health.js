// Health.
import { html } from '../ui.js';

export default function Health() {
  return html`<h1>Health</h1>`;
}
