// The wiring: what is known of the conversation, who changes it, and when it is drawn.
import { sheet } from './board.js';
import { partsOf, saidIn, write, written } from './brief.js';
import { $ } from './dom.js';
import { closed } from './jobs.js';
import { clock, now, usd } from './money.js';
import { cardOf, hand, stateOf } from './slate.js';
import { apply, chunks } from './stream.js';
import { drawTop, signIn } from './top.js';
import { drawLog, lastWords } from './view.js';
import { get, newId, post, read, reasonOf, remove } from './wire.js';

const see = {
  id: '', messages: [], running: false, trouble: null, editing: null, line: null, ready: false, budget: null,
  who: null, chats: [], jobs: new Map(), films: new Map(), receipts: new Map(),
  act: {
    edit, decide, open: sheet, send: (text) => say({ text, pictures: [] }),
    again: () => say(saidIn(see.messages.findLast(isMine)), lastWords(see.messages)?.id),
    stop: () => attempt(() => post(`/api/chat/${see.id}/stop`)),
    cancel: (id) => attempt(() => post(`/api/jobs/${id}/cancel`)),
    resolve: (id, charged_usd) => attempt(() => post(`/api/jobs/${id}/resolve`, { charged_usd })),
    signOut: () => attempt(() => remove('/api/session').then(() => location.reload())),
  },
};
const isFresh = (id) => history.state?.fresh === id; // a conversation that only this window knows of yet
const isMine = (message) => message.role === 'user';
const parts = (type) => see.messages.flatMap((message) => message.parts).filter((part) => part.type === type);
const quotes = () => parts('data-quote').map((part) => part.data);
const waiting = () => quotes().findLast((quote) => stateOf(quote) === 'issued');
const tell = (words) => { $('status').textContent = words; };

// Drawing: at most once a frame, and the view follows only if it was at the end.
let due = 0;
const top = () => drawTop(see, waiting(), quotes().some((quote) => quote.play_money));
const soon = () => { due ||= requestAnimationFrame(() => draw()); };
function draw(toEnd = false) {
  due = 0;
  const box = $('scroll');
  const follow = toEnd || box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  drawLog($('log'), see);
  top();
  if (follow) box.scrollTop = box.scrollHeight;
  $('log').ariaBusy = String(see.running);
  [$('stop').hidden, $('send').hidden] = [!see.running, see.running];
}

// Turns: one line to the server at a time; leaving a conversation hangs up, and never stops the turn.
async function turn(request, body = null) {
  see.line?.abort();
  const { signal } = (see.line = new AbortController());
  Object.assign(see, { running: true, trouble: null });
  draw(body !== null);
  try {
    const response = await request(signal);
    if (response.status === 204) return void load(see.id); // it ended between two questions
    let at = -1;
    for await (const chunk of chunks(response.body)) {
      if (signal.aborted) return;
      // A decision goes on with the message that asked; words begin a message of their own.
      if (at < 0) at = see.messages.findIndex((message) => message.id === chunk.messageId);
      if (at < 0) at = see.messages.push({ id: newId('msg'), role: 'assistant', parts: [] }) - 1;
      see.messages[at] = apply(see.messages[at], chunk);
      if (chunk.type === 'data-job') see.jobs.set(chunk.data.id, chunk.data);
      soon();
    }
    if (!signal.aborted) settle();
  } catch (error) {
    if (!signal.aborted) await failed(error, body);
  }
}
function settle() {
  see.running = false;
  draw();
  refresh();
  catchUpAll();
  const offer = waiting();
  tell(`Greenlight answered.${offer ? ` An offer waits for you: at most ${usd(offer.ceiling_usd)}.` : ''}`);
  if (offer && !written().coming && partsOf(written()).length === 0) hand(offer.id);
}
async function failed(error, body) {
  const undone = body && (body.messageId || !isMine(body.messages[0])); // shown at once, and did not happen
  see.running = false;
  if (error.status && undone) await load(see.id);
  if (error.status === 401) signIn();
  const broke = { detail: 'The line broke. A running turn goes on by itself.', retry: () => recover(body) };
  see.trouble = !error.status ? broke
    : { detail: error.message, retry: body && !undone && (() => submit(body)) };
  draw(true);
}
/** What the server has is shown; words that never reached it are sent again, under the same id. */
async function recover(body) {
  await load(see.id);
  const [said] = body?.messages ?? [];
  if (!said || see.messages.some(({ id }) => id === said.id)) return;
  see.messages.push(said);
  submit(body);
}
const submit = (body) => turn((signal) => post('/api/chat', body, signal), body);
const envelope = (one, messageId) => ({ id: see.id, trigger: 'submit-message', messageId, messages: [one] });
/** New words; with the `id` of earlier ones they take their place, and what came after those is gone. */
function say(said, id = undefined) {
  if (see.running) return;
  const mine = { id: id ?? newId('msg'), role: 'user', parts: partsOf(said) };
  const at = see.messages.findIndex((one) => one.id === id);
  Object.assign(see, { messages: [...see.messages.slice(0, at < 0 ? Infinity : at), mine], editing: null });
  history.replaceState(null, '');
  submit(envelope(mine, id));
}
/** Take a message back into the brief, or let it stand as it was. */
function edit(message) {
  see.editing = message?.id;
  write(saidIn(message ?? { parts: [] }));
  $('brief').focus();
  draw();
}
function decide(quote, approved, reason) {
  const asks = (part) => part.approval?.id === quote.id;
  const message = see.messages.find(({ parts }) => parts.some(asks));
  if (see.running || !message) return;
  const { type, toolCallId, input } = message.parts.find(asks);
  const approval = { id: quote.id, approved, ...(reason ? { reason } : {}) };
  tell(approved ? 'Approving.' : 'Declining.');
  cardOf(quote.id).focus({ preventScroll: true });
  const answer = { type, toolCallId, state: 'approval-responded', input, approval };
  submit(envelope({ id: message.id, role: 'assistant', parts: [answer] }));
}
/** Something asked for beside a turn: what the server refuses is shown, and nothing else changes. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name === 'AbortError') return null;
    if (error.status === 401) return signIn();
    see.trouble = { detail: reasonOf(error), retry: () => load(see.id) };
    return soon();
  }
}

// Coming and going: everything shown is on the server, so a reload brings all of it back.
async function load(id) {
  see.line?.abort();
  const { signal } = (see.line = new AbortController());
  const other = id !== see.id && { messages: [], editing: null };
  Object.assign(see, { id, running: false, trouble: null, ready: false }, other);
  draw();
  const unknown = (error) => (error.status === 404 ? { messages: [] } : Promise.reject(error));
  const found = isFresh(id) ? null : await attempt(() => read(`/api/chat/${id}`, signal).catch(unknown));
  if (signal.aborted) return;
  see.messages = found?.messages ?? see.messages;
  learn(parts('data-job').map((part) => part.data));
  draw(Boolean(other));
  catchUpAll();
  if (found?.running) turn((line) => get(`/api/chat/${id}/stream`, line));
}
/** Take in jobs that an answer tells of, unless there was news of them since `before`. */
function learn(jobs, before = new Map()) {
  for (const job of jobs ?? []) if (see.jobs.get(job.id) === before.get(job.id)) see.jobs.set(job.id, job);
}
const readAll = (...paths) => Promise.all(paths.map((path) => attempt(() => read(path))));
/** What is beside the conversation. How long jobs took before tells how long one takes. */
async function refresh() {
  const [chats, budget, who, jobs] = await readAll('/api/chats', '/api/budget', '/api/session', '/api/jobs');
  Object.assign(see, chats && { chats: chats.chats }, budget && { budget }, { who });
  learn(jobs?.jobs);
  soon();
}
const catchUpAll = () => quotes().forEach((quote) => quote.state === 'approved' && catchUp(quote.id));
/** What became of an approved quote while nobody looked. News that came meanwhile is newer than this. */
async function catchUp(id) {
  const before = new Map(see.jobs);
  const paths = [`/api/jobs?quote=${id}`, `/api/films?quote=${id}`, `/api/quotes/${id}/receipt`];
  const [jobs, films, receipt] = await readAll(...paths);
  learn(jobs?.jobs, before);
  for (const film of films?.films ?? []) see.films.set(id, film);
  if (receipt) see.receipts.set(id, receipt);
  soon();
}
const NEWS = {
  quote(data) {
    const { id, state, conversation_id: chat } = data;
    const at = see.messages.findIndex((message) => message.parts.some((part) => part.id === id));
    if (at >= 0) see.messages[at] = apply(see.messages[at], { type: 'data-quote', id, data });
    else if (chat === see.id && !see.running) load(see.id);
    if (at >= 0 && state === 'approved') catchUp(id);
    refresh();
  },
  job(job) {
    see.jobs.set(job.id, job);
    const made = [...see.jobs.values()].filter((one) => one.quote_id === job.quote_id);
    if (made.every(closed)) catchUp(job.quote_id);
  },
  film(film) {
    const { quote_id: id, clip: { title: body } } = film;
    see.films.set(id, film);
    catchUp(id);
    see.ready = document.hidden;
    tell(`The film is ready: ${body}`);
    const heard = see.ready && globalThis.Notification?.permission === 'granted';
    if (heard) new Notification('Your film is ready', { body });
    refresh();
  },
  budget: (budget) => { see.budget = budget; },
};
function listen() {
  const source = new EventSource('/api/events');
  const hear = ({ type, data }) => { NEWS[type](JSON.parse(data)); top(); soon(); };
  for (const kind of Object.keys(NEWS)) source.addEventListener(kind, hear);
  source.onerror = () => source.readyState === EventSource.CLOSED && setTimeout(listen, 5000);
}
/** Each second: clocks run on, and an offer whose time is over loses its buttons. */
function tick() {
  for (const node of document.querySelectorAll('[data-at]')) {
    const away = node.dataset.at - now();
    node.textContent = clock(Math.abs(away));
    if (away <= 0 && node.matches('.expires')) soon();
  }
}

// The person's hands.
$('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const said = written();
  if (see.running || said.coming || partsOf(said).length === 0) return;
  write({ text: '', pictures: [] });
  say(said, see.editing ?? undefined);
});
document.addEventListener('keydown', (event) => {
  const { key, target, shiftKey, isComposing } = event;
  const calls = key === '/' && !target.matches('input, textarea');
  const sends = key === 'Enter' && target === $('brief') && !shiftKey && !isComposing;
  if (sends || calls) event.preventDefault();
  if (sends) $('composer').requestSubmit();
  if (calls) $('brief').focus();
  if (key !== 'Escape' || document.querySelector('dialog[open], :popover-open')) return;
  if (see.running) see.act.stop();
  else if (see.editing) edit(null);
  else if (document.activeElement.closest('.slate')) $('brief').focus();
});
$('stop').addEventListener('click', see.act.stop);
$('dialog').addEventListener('close', () => $('dialog').replaceChildren());
$('dialog').addEventListener('click', ({ target }) => target === $('dialog') && target.close());
$('new').addEventListener('click', () => { begin('pushState'); load(asked()); $('brief').focus(); });
document.addEventListener('visibilitychange', () => { see.ready = false; soon(); });

const asked = () => /^#([\w.:-]{1,80})$/.exec(location.hash)?.[1];
const begin = (how, fresh = newId('chat')) => history[how]({ fresh }, '', `#${fresh}`);
addEventListener('hashchange', () => asked() && asked() !== see.id && load(asked()));
if (!asked()) begin('replaceState');
setInterval(tick, 1000);
listen();
refresh();
load(asked());
