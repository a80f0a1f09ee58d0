// Building nodes, and keeping them: what did not change is not touched, so nothing jumps or loses focus.
export const $ = (id) => document.getElementById(id);
/** An element: `h('p.note', { title }, 'words')`. Functions become listeners, strings text: never markup. */
export function h(name, ...inside) {
  const [tag, ...kinds] = name.split('.');
  const node = document.createElement(tag);
  if (kinds.join('') !== '') node.className = kinds.join(' ');
  const facts = inside[0]?.constructor === Object ? inside.shift() : {};
  for (const [fact, value] of Object.entries(facts)) {
    if (typeof value === 'function') node.addEventListener(fact, value);
    else if (value !== false && value != null) node.setAttribute(fact, value === true ? '' : value);
  }
  node.append(...inside.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}
export const dots = (...told) => told.filter(Boolean).join(' · ');
export const note = (...inside) => h('p.note', ...inside);
export const button = (label, click, kind = 'plain', more = {}) =>
  h(`button.${kind}`, { type: 'button', click, ...more }, label);
export const folded = (kind, title, ...inside) => h(`details.${kind}`, h('summary', title), ...inside);
export const form = (kind, submit, ...inside) =>
  h(`form.${kind}`, { submit: (event) => { event.preventDefault(); submit(); } }, ...inside);
export const submitter = (label) => h('button.plain', { type: 'submit' }, label);
/** Words somebody else wrote: isolated, so that bidi controls in them end where they end. */
export const words = (name, text) => h(`${name}.words`, { dir: 'auto' }, String(text ?? ''));
/** Rows of [kind, ...cells], figures in the last two columns. A long table scrolls, by keys as well. */
export function table(label, heads, rows, foot = []) {
  const figure = (n) => (n < heads.length - 2 ? '' : 'figure');
  const row = ([kind, ...cells]) => h(`tr.${kind}`, cells.map((cell, n) => h(`td.${figure(n)}`, cell)));
  const head = heads.map((told, n) => (told ? h(`th.${figure(n)}`, { scope: 'col' }, told) : h('td')));
  return h('div.lines', { role: 'group', 'aria-label': label, tabindex: rows.length > 6 ? 0 : null },
    h('table', h('thead', h('tr', head)), h('tbody', rows.map(row)), h('tfoot', foot.map(row))));
}
/** An address of this server, or nothing: a clip never leads elsewhere. */
export const own = (address) => (/^\/api\/[\w./-]+$/.test(address ?? '') ? address : null);

const kept = new WeakMap();
/** Show `items` ([key, inputs, make], or nothing) in order; `make(old)` is called if an input changed. */
export function reconcile(parent, items) {
  const before = kept.get(parent) ?? new Map();
  const keep = ([key, inputs, make]) => [key, refresh(before.get(key), inputs, make)];
  const after = new Map(items.filter(Boolean).map(keep));
  for (const [key, { node }] of before) if (!after.has(key)) node.remove();
  let place = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  kept.set(parent, after);
}
function refresh(entry, inputs, make) {
  const same = (input, n) => input === entry.inputs[n];
  if (entry && inputs.length === entry.inputs.length && inputs.every(same)) return entry;
  const node = make(entry?.node);
  if (entry && node !== entry.node) entry.node.replaceWith(node);
  return { inputs, node };
}
