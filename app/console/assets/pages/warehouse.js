// Warehouse desk.
import { html } from '../ui.js';

export default function Warehouse() {
  return html`<h1>Warehouse desk</h1>`;
}
