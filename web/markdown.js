// A small subset of Markdown -> nodes: paragraphs, headings, lists, code, bold, italics and links.
import { h } from './dom.js';

// Every repeat is bounded, so that no text takes longer than its length.
const INLINE =
  /`([^`\n]{1,500})`|\*\*([^*\n]{1,500})\*\*|\*([^*\s][^*\n]{0,500})\*|\[([^[\]\n]{1,300})\]\(([^()\s]{1,2000})\)|(https?:\/\/[^\s<>()]{1,2000})/g;

const MARKS = { item: /^\s*([-*]|\d+[.)]) /, head: /^#{1,6} / };
const kind = (line) => Object.keys(MARKS).find((each) => MARKS[each].test(line));
/** Split into blocks of lines: fences whole, everything else at blank lines and where the kind changes. */
function blocks(text) {
  const found = [];
  let block = [];
  let fenced = false;
  const end = () => block.length && found.push(block.join('\n')) && (block = []);
  for (const line of text.split('\n')) {
    const fence = line.startsWith('```');
    const turns = block.length > 0 && kind(line) !== kind(block.at(-1));
    if (!fenced && (fence || turns || line.trim() === '')) end();
    if (fenced || line.trim() !== '') block.push(line);
    if (fenced && fence) end();
    if (fence) fenced = !fenced;
  }
  end();
  return found;
}

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
    if (code) nodes.push(h('code', {}, code));
    else if (bold) nodes.push(h('strong', {}, bold));
    else if (italic) nodes.push(h('em', {}, italic));
    else nodes.push(link(address ?? bare, label ?? bare));
    from = match.index + whole.length;
  }
  return [...nodes, text.slice(from)];
}
/** The lines of a block are of one kind. */
function block(source) {
  if (source.startsWith('```')) return h('pre', { tabindex: 0 }, source.replace(/^```.*\n?|\n?```\s*$/g, ''));
  const item = (line) => h('li', {}, inline(line.replace(MARKS.item, '')));
  switch (kind(source)) {
    case 'head': return h('h3', {}, inline(source.replace(/^#+ /gm, '')));
    case 'item': return h(/^\s*\d/.test(source) ? 'ol' : 'ul', {}, source.split('\n').map(item));
    default: return h('p', {}, inline(source));
  }
}

const sources = new WeakMap();
/** Show `text` in `node`, redrawing only the blocks that changed: streaming text keeps its selection. */
export function write(node, text) {
  const found = blocks(text);
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
