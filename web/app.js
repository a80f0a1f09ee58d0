// The wiring: what is known of the conversation, who changes it, and when it is drawn.
import { sheet } from './board.js';
import { closed } from './jobs.js';
import { clock, now, usd } from './money.js';
import { cardOf, hand, stateOf } from './slate.js';
import { apply, chunks } from './stream.js';
import { drawTitle, drawTop, signIn } from './top.js';
import { drawLog, lastWords } from './view.js';
import { get, newId, post, read, Refused } from './wire.js';

const $ = (id) => document.getElementById(id);
const see = {
  id: '', messages: [], running: false, trouble: null, deciding: null, editing: null, line: null, ready: false, toy: false,
  budget: null, chats: [], jobs: new Map(), films: new Map(), receipts: new Map(),
  act: {
    send: say, edit, decide,
    show: (id) => { cardOf(id)?.scrollIntoView({ block: 'center' }); cardOf(id)?.focus({ preventScroll: true }); },
    again: () => say(see.messages.findLast((one) => one.role === 'user').parts[0].text, lastWords(see.messages)?.id),
    stop: () => attempt(() => post(`/api/chat/${see.id}/stop`)),
    cancel: (id) => attempt(() => post(`/api/jobs/${id}/cancel`)),
    resolve: (id, charged_usd) => attempt(() => post(`/api/jobs/${id}/resolve`, { charged_usd })),
    open: (shot) => sheet($('dialog'), shot),
  },
};
const isFresh = (id) => history.state?.fresh === id; // a conversation that only this window knows of yet
const parts = () => see.messages.flatMap((message) => message.parts);
const quotes = () => parts().filter((part) => part.type === 'data-quote').map((part) => part.data);
const isHere = (id) => quotes().some((quote) => quote.id === id);
const waiting = () => quotes().findLast((quote) => stateOf(quote) === 'issued');
const tell = (words) => { $('status').textContent = words; };

// Drawing: at most once a frame, and the view follows only if it was at the end.
let due = 0;
const soon = () => { due ||= requestAnimationFrame(() => draw()); };
function draw(toEnd = false) {
  due = 0;
  const box = $('scroll');
  const follow = toEnd || box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  see.toy = quotes().some((quote) => quote.play_money);
  drawLog($('log'), see);
  drawTop(see, waiting());
  drawTitle(see, waiting());
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
    await follow(response, signal);
    if (!signal.aborted) settle();
  } catch (error) {
    if (!signal.aborted) await failed(error, body);
  }
}

async function follow(response, signal) {
  let at = -1;
  for await (const chunk of chunks(response.body)) {
    if (signal.aborted) return;
    if (at < 0) at = see.messages.findIndex((message) => message.id === chunk.messageId); // a decision goes on with the message that asked
    if (at < 0) at = see.messages.push({ id: newId('msg'), role: 'assistant', parts: [] }) - 1;
    see.messages[at] = apply(see.messages[at], chunk);
    if (chunk.type === 'data-job') see.jobs.set(chunk.data.id, chunk.data);
    soon();
  }
}

function settle() {
  Object.assign(see, { running: false, deciding: null });
  draw();
  refresh();
  catchUpAll();
  const offer = waiting();
  tell(`Greenlight answered.${offer ? ` An offer waits for you: at most ${usd(offer.ceiling_usd)}.` : ''}`);
  if (offer && $('brief').value === '') hand(offer.id);
}

async function failed(error, body) {
  const known = error instanceof Refused;
  const changed = body?.messageId || body?.messages[0].role === 'assistant'; // what was shown at once did not happen
  Object.assign(see, { running: false, deciding: null });
  if (known && changed) await load(see.id);
  if (error.status === 401) signIn($('dialog'));
  see.trouble = known
    ? { detail: error.message, retry: changed || !body ? null : () => submit(body) }
    : { detail: 'The line to the server broke. A turn that runs goes on by itself.', retry: () => recover(body) };
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
const envelope = (message, messageId) => ({ id: see.id, trigger: 'submit-message', messageId, messages: [message] });
/** New words; with the `id` of earlier ones they take their place, and what came after those is gone. */
function say(text, id = undefined) {
  if (see.running) return;
  const message = { id: id ?? newId('msg'), role: 'user', parts: [{ type: 'text', text }] };
  const at = see.messages.findIndex((one) => one.id === id);
  Object.assign(see, { messages: [...see.messages.slice(0, at < 0 ? undefined : at), message], editing: null });
  history.replaceState(null, '');
  submit(envelope(message, id));
}
/** Take a message back into the brief, or let it stand as it was. */
function edit(message) {
  see.editing = message?.id;
  $('brief').value = message?.parts[0].text ?? '';
  $('brief').focus();
  draw();
}

function decide(quote, approved, reason) {
  const asks = (part) => part.approval?.id === quote.id;
  const message = see.messages.find((one) => one.parts.some(asks));
  if (see.running || !message) return;
  const { type, toolCallId, input } = message.parts.find(asks);
  const approval = { id: quote.id, approved, ...(reason ? { reason } : {}) };
  see.deciding = quote.id;
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
    if (error.status === 401) return signIn($('dialog'));
    see.trouble = { detail: error instanceof Refused ? error.message : 'The server cannot be reached.', retry: () => load(see.id) };
    return soon();
  }
}

// Coming and going: everything shown is on the server, so a reload brings all of it back.
async function load(id) {
  see.line?.abort();
  const { signal } = (see.line = new AbortController());
  const other = id !== see.id;
  Object.assign(see, { id, running: false, trouble: null, deciding: null, ready: false }, other && { messages: [], editing: null });
  draw();
  const known = (error) => (error.status === 404 ? { messages: [] } : Promise.reject(error));
  const found = isFresh(id) ? null : await attempt(() => read(`/api/chat/${id}`, signal).catch(known));
  if (signal.aborted) return;
  see.messages = found?.messages ?? see.messages;
  for (const { data } of parts().filter((part) => part.type === 'data-job')) if (!see.jobs.has(data.id)) see.jobs.set(data.id, data);
  draw(other);
  catchUpAll();
  if (found?.running) turn((line) => get(`/api/chat/${id}/stream`, line));
}

const readAll = (...paths) => Promise.all(paths.map((path) => attempt(() => read(path))));
async function refresh() {
  const [chats, budget] = await readAll('/api/chats', '/api/budget');
  Object.assign(see, chats && { chats: chats.chats }, budget && { budget });
  soon();
}

const catchUpAll = () => quotes().forEach((quote) => quote.state === 'approved' && catchUp(quote.id));
/** What became of an approved quote while nobody looked. News that came meanwhile is newer than the answer. */
async function catchUp(id) {
  const before = new Map(see.jobs);
  const [jobs, films, receipt] = await readAll(`/api/jobs?quote=${id}`, `/api/films?quote=${id}`, `/api/quotes/${id}/receipt`);
  for (const job of jobs?.jobs ?? []) if (see.jobs.get(job.id) === before.get(job.id)) see.jobs.set(job.id, job);
  for (const film of films?.films ?? []) see.films.set(id, film);
  if (receipt) see.receipts.set(id, receipt);
  soon();
}

const NEWS = {
  quote(quote) {
    const at = see.messages.findIndex((message) => message.parts.some((part) => part.id === quote.id));
    if (at >= 0) see.messages[at] = apply(see.messages[at], { type: 'data-quote', id: quote.id, data: quote });
    else if (quote.conversation_id === see.id && !see.running) load(see.id);
    if (at >= 0 && quote.state === 'approved') catchUp(quote.id);
    refresh();
  },
  job(job) {
    see.jobs.set(job.id, job);
    const made = [...see.jobs.values()].filter((one) => one.quote_id === job.quote_id);
    if (made.every(closed) && isHere(job.quote_id)) catchUp(job.quote_id);
  },
  film(film) {
    see.films.set(film.quote_id, film);
    if (isHere(film.quote_id)) catchUp(film.quote_id);
    see.ready = document.hidden;
    tell(`The film is ready: ${film.clip.title}`);
    if (document.hidden && globalThis.Notification?.permission === 'granted') new Notification('Your film is ready', { body: film.clip.title });
    refresh();
  },
  budget: (budget) => { see.budget = budget; },
};

function listen() {
  const source = new EventSource('/api/events');
  const hear = ({ type, data }) => { NEWS[type](JSON.parse(data)); drawTitle(see, waiting()); soon(); };
  for (const kind of Object.keys(NEWS)) source.addEventListener(kind, hear);
  source.onerror = () => source.readyState === EventSource.CLOSED && setTimeout(listen, 5000);
}
/** Each second: clocks run on, and an offer whose time is over loses its buttons. */
function tick() {
  for (const node of document.querySelectorAll('[data-since]')) node.textContent = clock(now() - node.dataset.since);
  for (const node of document.querySelectorAll('[data-expires]')) {
    const rest = Date.parse(node.dataset.expires) - now();
    node.textContent = clock(rest);
    if (rest <= 0) soon();
  }
}

// The person's hands.
$('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('brief').value.trim();
  if (text && !see.running) $('brief').value = '';
  if (text) say(text, see.editing ?? undefined);
});
document.addEventListener('keydown', (event) => {
  const typing = event.target.matches('input, textarea');
  const sends = event.key === 'Enter' && event.target === $('brief') && !event.shiftKey && !event.isComposing;
  if (sends || (event.key === '/' && !typing)) event.preventDefault();
  if (sends) $('composer').requestSubmit();
  if (event.key === '/' && !typing) $('brief').focus();
  if (event.key !== 'Escape' || document.querySelector('dialog[open], :popover-open')) return;
  if (see.running) see.act.stop();
  else if (see.editing) edit(null);
  else if (document.activeElement.closest('.slate')) $('brief').focus();
});
$('stop').addEventListener('click', see.act.stop);
$('dialog').addEventListener('close', () => $('dialog').replaceChildren());
$('dialog').addEventListener('click', (event) => event.target === $('dialog') && $('dialog').close());
$('new').addEventListener('click', () => { $('rail').hidePopover(); begin('pushState'); load(asked()); $('brief').focus(); });
document.addEventListener('visibilitychange', () => { see.ready = false; drawTitle(see, waiting()); });

const asked = () => /^#([\w.:-]{1,80})$/.exec(location.hash)?.[1];
const begin = (how, fresh = newId('chat')) => history[how]({ fresh }, '', `#${fresh}`);
addEventListener('hashchange', () => asked() && asked() !== see.id && load(asked()));
if (!asked()) begin('replaceState');
setInterval(tick, 1000);
listen();
refresh();
load(asked());
