// Building nodes, and keeping them: what did not change is not touched, so nothing jumps or loses focus.

/** An element. Functions become listeners, true an empty attribute, strings text: never markup. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}
export const p = (kind, ...children) => h('p', { class: kind }, ...children);
export const note = (...children) => p('note', ...children);
export const button = (label, click, kind = 'plain', more = {}) => h('button', { class: kind, type: 'button', click, ...more }, label);
export const folded = (kind, title, ...children) => h('details', { class: kind }, h('summary', {}, title), ...children);
/** Words somebody else wrote: isolated, so that bidi controls in them end where they end. */
export const words = (tag, kind, text) => h(tag, { class: `words ${kind}`, dir: 'auto' }, String(text ?? ''));
/** A table of amounts: what is counted on the left, figures in the last two columns. */
export function table(heads, rows, foot = null) {
  const kind = (n) => (n >= heads.length - 2 ? 'figure' : null);
  const head = heads.map((told, n) => (told ? h('th', { scope: 'col', class: kind(n) }, told) : h('td')));
  return h('table', {}, h('thead', {}, h('tr', {}, head)), h('tbody', {}, rows), foot && h('tfoot', {}, foot));
}
export const figure = (told) => h('td', { class: 'figure' }, told);
export const lines = (label, count, ...children) => // a long table scrolls, and the keyboard reaches it
  h('div', { class: 'lines', tabindex: count > 6 ? 0 : null, role: 'group', 'aria-label': label }, ...children);
/** An address of this server, or nothing: a clip never leads elsewhere. */
export const own = (address) => (/^\/api\/[\w./-]+$/.test(address ?? '') ? address : null);

const kept = new WeakMap();
/** Show `items` ([key, inputs, make], or nothing) in order; `make(old)` is called only when an input changed. */
export function reconcile(parent, items) {
  const before = kept.get(parent) ?? new Map();
  const shown = items.filter(Boolean);
  const after = new Map(shown.map(([key, inputs, make]) => [key, refresh(before.get(key), inputs, make)]));
  for (const [key, { node }] of before) if (!after.has(key)) node.remove();
  let place = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  kept.set(parent, after);
}

function refresh(entry, inputs, make) {
  if (!entry) return { inputs, node: make() };
  const same = (input, n) => input === entry.inputs[n];
  if (inputs.length === entry.inputs.length && inputs.every(same)) return entry;
  const node = make(entry.node);
  if (node !== entry.node) entry.node.replaceWith(node);
  return { inputs, node };
}
