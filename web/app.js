// The wiring: what is known of the conversation, who changes it, and when it is drawn.
import { closed } from './jobs.js';
import { clock, now, usd } from './money.js';
import { cardOf, hand, stateOf } from './slate.js';
import { apply, chunks } from './stream.js';
import { drawTitle, drawTop } from './top.js';
import { drawLog, preview } from './view.js';
import { get, newId, post, read, Refused } from './wire.js';

const $ = (id) => document.getElementById(id);
const see = {
  id: '', messages: [], running: false, trouble: null, deciding: null, line: null, ready: false, toy: false,
  budget: null, chats: [], jobs: new Map(), films: new Map(), receipts: new Map(),
  act: {
    send, decide,
    show: (id) => { cardOf(id)?.scrollIntoView({ block: 'center' }); cardOf(id)?.focus({ preventScroll: true }); },
    again: () => send(see.messages.findLast((message) => message.role === 'user').parts[0].text),
    cancel: (id) => attempt(() => post(`/api/jobs/${id}/cancel`)),
    resolve: (id, charged_usd) => attempt(() => post(`/api/jobs/${id}/resolve`, { charged_usd })),
    play: (...shot) => preview($('preview'), ...shot),
  },
};
const parts = () => see.messages.flatMap((message) => message.parts);
const quotes = () => parts().filter((part) => part.type === 'data-quote').map((part) => part.data);
const waiting = () => quotes().findLast((quote) => stateOf(quote) === 'issued');

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
  $('stop').hidden = !see.running;
  $('send').hidden = see.running;
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
  $('status').textContent = offer ? `An offer waits for you: at most ${usd(offer.ceiling_usd)}.` : 'Done.';
  if (offer && $('brief').value === '') hand(offer.id);
}

async function failed(error, body) {
  const decision = body?.messages[0].role === 'assistant';
  Object.assign(see, { running: false, deciding: null });
  if (!(error instanceof Refused)) {
    see.trouble = { detail: 'The line to the server broke. A turn that runs goes on by itself.', retry: () => recover(body) };
  } else {
    if (decision) await load(see.id);
    see.trouble = { detail: error.message, retry: decision || !body ? null : () => submit(body) };
  }
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
const envelope = (message) => ({ id: see.id, trigger: 'submit-message', messages: [message] });

function send(text) {
  const message = { id: newId('msg'), role: 'user', parts: [{ type: 'text', text }] };
  see.messages.push(message);
  fresh = null;
  submit(envelope(message));
}

function decide(quote, approved, reason) {
  const asks = (part) => part.approval?.id === quote.id;
  const message = see.messages.find((one) => one.parts.some(asks));
  if (see.running || !message) return;
  const { type, toolCallId, input } = message.parts.find(asks);
  const approval = { id: quote.id, approved, ...(reason ? { reason } : {}) };
  see.deciding = quote.id;
  $('status').textContent = approved ? 'Approving.' : 'Declining.';
  cardOf(quote.id).focus({ preventScroll: true });
  submit(envelope({ id: message.id, role: 'assistant', parts: [{ type, toolCallId, state: 'approval-responded', input, approval }] }));
}

const stop = () => attempt(() => post(`/api/chat/${see.id}/stop`));

/** Something asked for beside a turn: what the server refuses is shown, and nothing else changes. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name === 'AbortError') return null;
    see.trouble = { detail: error instanceof Refused ? error.message : 'The server cannot be reached.', retry: () => load(see.id) };
    return soon();
  }
}

// Coming and going: everything shown is on the server, so a reload brings all of it back.
async function load(id) {
  see.line?.abort();
  const { signal } = (see.line = new AbortController());
  const other = id !== see.id;
  Object.assign(see, { id, running: false, trouble: null, deciding: null, ready: false }, other && { messages: [] });
  draw();
  const known = (error) => (error.status === 404 ? { messages: [] } : Promise.reject(error));
  const found = id === fresh ? null : await attempt(() => read(`/api/chat/${id}`, signal).catch(known));
  if (signal.aborted) return;
  see.messages = found?.messages ?? see.messages;
  for (const { data } of parts().filter((part) => part.type === 'data-job')) if (!see.jobs.has(data.id)) see.jobs.set(data.id, data);
  draw(other);
  catchUpAll();
  if (found?.running) turn((line) => get(`/api/chat/${id}/stream`, line));
}

async function refresh() {
  const [chats, budget] = await Promise.all(['/api/chats', '/api/budget'].map((path) => attempt(() => read(path))));
  see.chats = chats?.chats ?? see.chats;
  see.budget = budget ?? see.budget;
  soon();
}

const catchUpAll = () => quotes().filter((quote) => quote.state === 'approved').forEach((quote) => catchUp(quote.id));

/** What became of an approved quote while nobody looked. */
async function catchUp(id) {
  const before = new Map(see.jobs);
  const [jobs, films, receipt] = await Promise.all(
    [`/api/jobs?quote=${id}`, `/api/films?quote=${id}`, `/api/quotes/${id}/receipt`].map((path) => attempt(() => read(path))));
  for (const job of jobs?.jobs ?? []) if (see.jobs.get(job.id) === before.get(job.id)) see.jobs.set(job.id, job); // no news meanwhile
  for (const film of films?.films ?? []) see.films.set(id, film);
  if (receipt) see.receipts.set(id, receipt);
  soon();
}

const NEWS = {
  quote(quote) {
    const known = quotes().some((one) => one.id === quote.id);
    const chunk = { type: 'data-quote', id: quote.id, data: quote };
    if (known) see.messages = see.messages.map((message) => (message.parts.some((part) => part.id === quote.id) ? apply(message, chunk) : message));
    else if (quote.conversation_id === see.id && !see.running) load(see.id);
    if (known && quote.state === 'approved') catchUp(quote.id);
    refresh();
  },
  job(job) {
    see.jobs.set(job.id, job);
    const made = [...see.jobs.values()].filter((one) => one.quote_id === job.quote_id);
    if (made.every(closed) && quotes().some((quote) => quote.id === job.quote_id)) catchUp(job.quote_id);
  },
  film(film) {
    see.films.set(film.quote_id, film);
    if (quotes().some((quote) => quote.id === film.quote_id)) catchUp(film.quote_id);
    see.ready = document.hidden;
    $('status').textContent = `The film is ready: ${film.clip.title}`;
    if (document.hidden && globalThis.Notification?.permission === 'granted') new Notification('Your film is ready', { body: film.clip.title });
    refresh();
  },
  budget: (budget) => { see.budget = budget; },
};

function listen() {
  const source = new EventSource('/api/events');
  for (const [kind, tell] of Object.entries(NEWS)) {
    source.addEventListener(kind, ({ data }) => { tell(JSON.parse(data)); drawTitle(see, waiting()); soon(); });
  }
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
  if (!text || see.running) return;
  $('brief').value = '';
  send(text);
});
document.addEventListener('keydown', (event) => {
  const typing = event.target.matches('input, textarea');
  const sends = event.key === 'Enter' && event.target === $('brief') && !event.shiftKey && !event.isComposing;
  if (sends || (event.key === '/' && !typing)) event.preventDefault();
  if (sends) $('composer').requestSubmit();
  if (event.key === '/' && !typing) $('brief').focus();
  if (event.key !== 'Escape' || document.querySelector('dialog[open], :popover-open')) return;
  if (see.running) stop();
  else if (document.activeElement.closest('.slate')) $('brief').focus();
});
$('stop').addEventListener('click', stop);
$('preview').addEventListener('close', () => $('preview').replaceChildren());
$('preview').addEventListener('click', (event) => event.target === $('preview') && $('preview').close());
$('new').addEventListener('click', () => { $('rail').hidePopover(); location.hash = fresh = newId('chat'); $('brief').focus(); });
document.addEventListener('visibilitychange', () => { see.ready = false; drawTitle(see, waiting()); });

let fresh = null; // a conversation that only this page knows of yet
const asked = () => /^#([\w.:-]{1,80})$/.exec(location.hash)?.[1];
addEventListener('hashchange', () => asked() && asked() !== see.id && load(asked()));
if (!asked()) history.replaceState(null, '', `#${fresh = newId('chat')}`);
setInterval(tick, 1000);
listen();
refresh();
load(asked());
