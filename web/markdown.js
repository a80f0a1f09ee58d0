// A small subset of Markdown -> nodes: paragraphs, headings, lists, code, bold, italics and links.
import { h } from './dom.js';
// Every repeat is bounded, by a count or by the end of its line: no text takes longer than its length.
const either = (flags, ...kinds) => new RegExp(kinds.map((kind) => kind.source).join('|'), flags);
const INLINE = either('g', /`([^`\n]{1,500})`/, /\*\*([^*\n]{1,500})\*\*/, /\*([^*\s][^*\n]{0,500})\*/,
  /\[([^[\]\n]{1,300})\]\(([^()\s]{1,2000})\)/, /(https?:\/\/[^\s<>()]{1,2000})/);
const ITEM = /^[ \t]*(?:[-*]|\d+[.)]) /;
/** Fences whole, even those that are still being written; each heading; lists; and what lies between. */
const BLOCK = either('gm', /^```[^]*?(?:\n```.*$|(?![^]))/, /^#{1,6} .*/,
  /(?:^[ \t]*(?:[-*]|\d+[.)]) .*\n?)+/, /(?:^(?!```|#{1,6} |[ \t]*(?:[-*]|\d+[.)]) ).*\S.*\n?)+/);

function link(address, label) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!['http:', 'https:'].includes(url?.protocol)) return label;
  return h('a', { href: url.href, rel: 'noopener noreferrer', target: '_blank' }, label);
}
function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, italic, label, address, bare] = match;
    nodes.push(text.slice(from, match.index));
    if (code) nodes.push(h('code', code));
    else if (bold) nodes.push(h('strong', bold));
    else if (italic) nodes.push(h('em', italic));
    else nodes.push(link(address ?? bare, label ?? bare));
    from = match.index + whole.length;
  }
  return [...nodes, text.slice(from)];
}
function block(source) {
  if (source.startsWith('```')) return h('pre', { tabindex: 0 }, source.replace(/^```.*\n?|\n?```.*$/g, ''));
  if (/^#{1,6} /.test(source)) return h('h3', inline(source.replace(/^#+ /, '')));
  if (!ITEM.test(source)) return h('p', inline(source));
  const item = (line) => h('li', inline(line.replace(ITEM, '')));
  return h(/^\s*\d/.test(source) ? 'ol' : 'ul', source.split('\n').map(item));
}
const sources = new WeakMap();
/** Show `text` in `node`, redrawing only the blocks that changed: streaming text keeps its selection. */
export function write(node, text) {
  const found = (text.match(BLOCK) ?? []).map((source) => source.trimEnd());
  while (node.children.length > found.length) node.lastChild.remove();
  for (const [n, source] of found.entries()) {
    const old = node.children[n];
    if (old && sources.get(old) === source) continue;
    const fresh = Object.assign(block(source), { dir: 'auto' });
    sources.set(fresh, source);
    if (old) old.replaceWith(fresh);
    else node.append(fresh);
  }
  return node;
}
