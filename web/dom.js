// Building nodes, and keeping them: what did not change is not touched, so nothing jumps or loses focus.

/** An element. Functions become listeners, true an empty attribute, strings text: never markup. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

/** Words somebody else wrote: isolated, so that bidi controls in them end where they end. */
export const words = (tag, kind, text) => h(tag, { class: `words ${kind}`, dir: 'auto' }, String(text ?? ''));

/** A table of amounts: what is counted on the left, figures in the last two columns. */
export const table = (heads, rows, foot = null) => h('table', {},
  h('thead', {}, h('tr', {}, heads.map((head, n) => (head ? h('th', { scope: 'col', class: n >= heads.length - 2 ? 'figure' : null }, head) : h('td'))))),
  h('tbody', {}, rows), foot && h('tfoot', {}, foot));

/** An address of this server, or nothing: a clip never leads elsewhere. */
export const own = (address) => (/^\/api\/[\w./-]+$/.test(address ?? '') ? address : null);

const kept = new WeakMap();

/** Show `items` ({key, inputs, make}) in order; `make(old)` is called only when an input changed. */
export function reconcile(parent, items) {
  const before = kept.get(parent) ?? new Map();
  const after = new Map(items.map((item) => [item.key, refresh(before.get(item.key), item)]));
  for (const [key, { node }] of before) if (!after.has(key)) node.remove();
  let place = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  kept.set(parent, after);
}

function refresh(entry, { inputs, make }) {
  if (!entry) return { inputs, node: make() };
  const same = inputs.length === entry.inputs.length && inputs.every((input, n) => input === entry.inputs[n]);
  if (same) return entry;
  const node = make(entry.node);
  if (node !== entry.node) entry.node.replaceWith(node);
  return { inputs, node };
}
