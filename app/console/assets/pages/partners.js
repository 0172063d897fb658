// Partners.
import { html } from '../ui.js';

export default function Partners() {
  return html`<h1>Partners</h1>`;
}
