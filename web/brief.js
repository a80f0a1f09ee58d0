// What a person is about to say: words, and pictures or code brought by hand, by drop or by paste.
import { $, button, h, note, reconcile } from './dom.js';
import { reasonOf, upload } from './wire.js';
const ARCHIVE = /\.(zip|whl|tar|tgz|tar\.(gz|xz|bz2))$/i;
const NAMES = /\s*\[picture (sha256:[0-9a-f]{64})\]/g;
/** The words of a message, apart from the pictures it names: the server keeps both as one text. */
export function saidIn({ parts }) {
  const said = parts.map((part) => part.text ?? '').join('\n');
  const pictures = [...said.matchAll(NAMES)].map(([, name]) => name);
  return { text: said.replace(NAMES, '').trim(), pictures };
}
export const partsOf = ({ text, pictures }) => [text, ...pictures.map((name) => `[picture ${name}]`)]
  .filter(Boolean).map((each) => ({ type: 'text', text: each }));
/** A title without the pictures' names, of which it may hold a half. */
export const bare = (title = '') => title.replace(/\s*\[picture[^\]]*\]?/g, '').trim();
/** Pictures of this server by their names: an address is made of nothing else. */
const thumb = (name, n) => h('img', { src: `/api/uploads/${name}`, alt: `Reference picture ${n + 1}` });
export const thumbs = (pictures) => pictures.length > 0 && h('span.thumbs', pictures.map(thumb));

const tray = { pictures: [], coming: 0, refused: null };
/** What is written and brought, and how much of it is still on its way. */
export const written = () => ({ ...tray, text: $('brief').value.trim() });
export const write = ({ text, pictures }) => { $('brief').value = text; lay({ pictures, refused: null }); };
function lay(change) {
  const { pictures, coming, refused } = Object.assign(tray, change);
  reconcile($('tray'), [
    ...pictures.map((name, n) => [name, [n], () => h('span.brought', thumb(name, n), taker(name, n))]),
    coming > 0 && ['coming', [], () => note('Bringing it in…')],
    refused && ['refused', [refused], () => h('p.note.bad', { role: 'alert' }, refused)],
  ]);
}
function taker(name, n) {
  const rest = () => tray.pictures.filter((other) => other !== name);
  const take = () => { lay({ pictures: rest() }); $('brief').focus(); };
  return button('✕', take, 'quiet', { 'aria-label': `Take picture ${n + 1} away` });
}
async function bring(event, files) {
  event.preventDefault();
  lay({ coming: tray.coming + files.length, refused: null });
  $('brief').focus();
  for (const file of [...files]) {
    const change = await taken(file).catch((error) => ({ refused: `${file.name}: ${reasonOf(error)}` }));
    lay({ ...change, coming: tray.coming - 1 });
  }
}
/** A picture is laid beside the words; an archive is named in them, as the server knows it. */
async function taken(file) {
  if (ARCHIVE.test(file.name)) {
    const code = new Blob([file], { type: 'application/octet-stream' });
    const { upload: name } = await upload(`/api/repos/archive?name=${encodeURIComponent(file.name)}`, code);
    $('brief').value = `${$('brief').value.trim() || 'Make a film about'} ${name}`;
    return {};
  }
  if (!file.type.startsWith('image/')) return { refused: `${file.name} is no picture, and no archive` };
  const { picture } = await upload('/api/uploads', file);
  return { pictures: [...new Set([...tray.pictures, picture])] };
}
/** A file that is carried over the page is for the brief, wherever it falls; the browser would open it. */
function carried(event) {
  const { types, files } = event.dataTransfer ?? event.clipboardData;
  const isOver = event.type === 'dragover' && types.includes('Files');
  $('composer').classList.toggle('dropping', isOver);
  if (isOver) event.preventDefault();
  const isGiven = event.type === 'drop' || (event.type === 'paste' && !types.includes('text/plain'));
  if (isGiven && files.length > 0) bring(event, files);
}
for (const kind of ['dragover', 'dragleave', 'drop', 'paste']) addEventListener(kind, carried);
$('file').addEventListener('change', (event) => {
  bring(event, $('file').files);
  $('file').value = ''; // so that the same one can be picked again
});
