// The wiring: what is known of the conversation, who changes it, and when it is drawn.
import { h, reconcile, words } from './dom.js';
import { closed } from './jobs.js';
import { bar, clock, left, moment, month, now, playBadge, usd } from './money.js';
import { approveLabel, stateOf } from './slate.js';
import { apply, chunks } from './stream.js';
import { drawLog, preview } from './view.js';
import { get, newId, post, read, Refused } from './wire.js';

const $ = (id) => document.getElementById(id);
const see = {
  id: '', messages: [], running: false, trouble: null, deciding: null, line: null,
  budget: null, chats: [], jobs: new Map(), films: new Map(), receipts: new Map(),
  act: { send, decide, again, askAgain, cancel, notify, show, play: (...shot) => preview($('preview'), ...shot) },
};

// Drawing: at most once a frame, and the view follows only if it was at the end.

let due = false;
function soon() {
  if (!due) requestAnimationFrame(draw);
  due = true;
}

function draw() {
  due = false;
  const box = $('scroll');
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  drawLog($('log'), see);
  if (atEnd) box.scrollTop = box.scrollHeight;
  $('log').ariaBusy = String(see.running);
  $('stop').hidden = !see.running;
  $('send').hidden = see.running;
  drawTop();
  watchOffer();
}

function drawTop() {
  const toy = quotes().some((quote) => quote.play_money);
  reconcile($('purses'), [
    { key: 'real', inputs: [see.budget], make: () => purse(see.budget, month(see.budget?.period)) },
    toy && { key: 'toy', inputs: [see.budget], make: () => purse(see.budget?.play, null) },
  ].filter(Boolean));
  reconcile($('chats'), see.chats.map((chat) => ({ key: chat.id, inputs: [chat, chat.id === see.id], make: () => entry(chat) })));
  $('brief').placeholder = see.messages.length ? 'Change shot 3, ask for a cheaper plan…' : 'Say what to film…';
  drawTitle();
}

function drawTitle() {
  const offer = waiting();
  const name = see.chats.find((chat) => chat.id === see.id)?.title;
  const badge = offer ? `● ${approveLabel(offer)}` : see.running ? '… working' : see.ready && '✓ Film ready';
  document.title = [badge, name, 'Greenlight'].filter(Boolean).join(' · ');
}

function purse(budget, name) {
  if (!budget) return h('span');
  const rest = left(budget.limit_usd, budget.spent_usd, budget.held_usd);
  const told = `${usd(budget.spent_usd)} spent · ${usd(budget.held_usd)} held · `;
  return h('span', { class: name ? 'purse' : 'purse toy' }, name ? h('span', {}, name) : playBadge(true),
    bar(budget.limit_usd, [['spent', budget.spent_usd], ['held', budget.held_usd]], `${name ?? 'Play money'}: ${told}${usd(rest)} left`),
    h('span', {}, h('span', { class: 'wide' }, told), h('b', {}, `${usd(rest)} left`)));
}

function entry(chat) {
  const state = { waiting: 'waiting for you', running: 'working' }[chat.state] ?? moment(chat.updated_at);
  return h('button', { class: `chat ${chat.state}`, type: 'button', 'aria-current': chat.id === see.id ? 'page' : null,
    click: () => { $('rail').hidePopover(); location.hash = chat.id; } },
  words('b', 'clamp', chat.title || 'New film'), h('span', { class: 'note' }, state));
}

const quotes = () => see.messages.flatMap((message) => message.parts).filter((part) => part.type === 'data-quote').map((part) => part.data);
const waiting = () => quotes().findLast((quote) => stateOf(quote) === 'issued');

/** While an offer waits out of sight, its amount stays in sight above the brief. */
const lookout = new IntersectionObserver(([seen]) => { $('waiting').hidden = seen.isIntersecting || !waiting(); }, { root: $('scroll') });
let watched = null;
function watchOffer() {
  const offer = waiting();
  const amount = offer && document.querySelector(`#slate-${CSS.escape(offer.id)} .amount`);
  if (!offer) $('waiting').hidden = true;
  if (amount === watched) return;
  lookout.disconnect();
  watched = amount;
  if (!amount) return;
  lookout.observe(amount);
  $('waiting').replaceChildren(h('span', {}, 'An offer waits for you'), h('b', {}, `at most ${usd(offer.ceiling_usd)}${offer.play_money ? ' of play money' : ''}`));
  $('waiting').onclick = () => show(offer.id);
}

// Turns: one line to the server at a time; leaving a conversation hangs up, and never stops the turn.

async function turn(request, body = null) {
  see.line?.abort();
  const line = see.line = new AbortController();
  Object.assign(see, { running: true, trouble: null });
  draw();
  try {
    const response = await request(line.signal);
    if (response.status !== 204) await follow(response, line.signal);
    if (!line.signal.aborted) settle(response.status === 204);
  } catch (error) {
    if (!line.signal.aborted) await failed(error, body);
  }
}

async function follow(response, signal) {
  let at = -1;
  for await (const chunk of chunks(response.body)) {
    if (signal.aborted) return;
    if (at < 0) at = place(chunk.messageId ?? newId('msg'));
    see.messages[at] = apply(see.messages[at], chunk);
    if (chunk.type === 'data-job') see.jobs.set(chunk.data.id, chunk.data);
    soon();
  }
}

/** A turn after a decision goes on with the message that asked for it. */
function place(id) {
  const at = see.messages.findIndex((message) => message.id === id);
  return at >= 0 ? at : see.messages.push({ id, role: 'assistant', parts: [] }) - 1;
}

function settle(missed = false) {
  if (missed) return void load(see.id);
  Object.assign(see, { running: false, deciding: null });
  draw();
  refresh();
  for (const quote of quotes()) if (quote.state === 'approved') catchUp(quote.id);
  const offer = waiting();
  $('status').textContent = offer ? `An offer waits for you: at most ${usd(offer.ceiling_usd)}.` : 'Done.';
  if (offer && $('brief').value === '') hand(offer);
}

/** The approval is under the person's hand; it is armed a moment later, so that a key on its way cannot press it. */
function hand(offer) {
  const button = document.querySelector(`#slate-${CSS.escape(offer.id)} .approve`);
  button.dispatchEvent(new Event('arm'));
  button.focus({ preventScroll: true });
  button.scrollIntoView({ block: 'nearest' });
}

async function failed(error, body) {
  Object.assign(see, { running: false, deciding: null });
  const decision = body?.messages[0].role === 'assistant';
  if (!(error instanceof Refused)) {
    see.trouble = { detail: 'The line to the server broke. A turn that runs goes on without us.', retry: () => load(see.id) };
  } else {
    if (decision) await load(see.id);
    see.trouble = { detail: error.message, retry: decision || !body ? null : () => submit(body) };
  }
  draw();
  $('scroll').scrollTop = $('scroll').scrollHeight;
}

const submit = (body) => turn((signal) => post('/api/chat', body, signal), body);
const envelope = (message) => ({ id: see.id, trigger: 'submit-message', messages: [message] });

function send(text) {
  const message = { id: newId('msg'), role: 'user', parts: [{ type: 'text', text }] };
  see.messages.push(message);
  $('scroll').scrollTop = $('scroll').scrollHeight;
  return submit(envelope(message));
}

function again() {
  const last = see.messages.findLast((message) => message.role === 'user');
  if (last) send(last.parts[0].text);
}

function askAgain() {
  send('Render it: make me a new offer, the last one expired.');
}

function decide(quote, approved, reason) {
  const asks = (part) => part.approval?.id === quote.id;
  const message = see.messages.find((one) => one.parts.some(asks));
  if (see.running || !message) return void load(see.id);
  const { type, toolCallId, input } = message.parts.find(asks);
  const approval = { id: quote.id, approved, ...(reason ? { reason } : {}) };
  see.deciding = quote.id;
  $('status').textContent = approved ? 'Approving.' : 'Declining.';
  $(`slate-${quote.id}`).focus({ preventScroll: true });
  submit(envelope({ id: message.id, role: 'assistant', parts: [{ type, toolCallId, state: 'approval-responded', input, approval }] }));
}

function show(id) {
  const card = $(`slate-${id}`);
  card?.scrollIntoView({ block: 'center' });
  (card?.querySelector('.approve') ?? card)?.focus({ preventScroll: true });
}

const cancel = (id) => attempt(() => post(`/api/jobs/${id}/cancel`));
const stop = () => attempt(() => post(`/api/chat/${see.id}/stop`));

/** Something asked for beside a turn: what the server refuses is shown, and nothing else changes. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    see.trouble = { detail: error instanceof Refused ? error.message : 'The server cannot be reached.', retry: null };
    return soon();
  }
}

async function notify(button) {
  const answer = await Notification.requestPermission();
  button.textContent = answer === 'granted' ? 'You will be told' : 'This browser said no';
  button.disabled = true;
}

// Coming and going: everything shown is on the server, so a reload brings all of it back.

async function load(id) {
  see.line?.abort();
  const line = see.line = new AbortController();
  Object.assign(see, { id, messages: [], running: false, trouble: null, deciding: null, ready: false });
  const found = await attempt(() => read(`/api/chat/${id}`, line.signal).catch(unknownIsEmpty));
  if (line.signal.aborted) return;
  see.messages = found?.messages ?? [];
  for (const part of see.messages.flatMap((message) => message.parts)) {
    if (part.type === 'data-job' && !see.jobs.has(part.data.id)) see.jobs.set(part.data.id, part.data);
  }
  draw();
  $('scroll').scrollTop = $('scroll').scrollHeight;
  if (found?.running) return void turn((signal) => get(`/api/chat/${id}/stream`, signal));
  await Promise.all(quotes().filter((quote) => quote.state === 'approved').map((quote) => catchUp(quote.id)));
}

function unknownIsEmpty(error) {
  if (error.status === 404) return { messages: [] };
  throw error;
}

async function refresh() {
  const [chats, budget] = await Promise.all([attempt(() => read('/api/chats')), attempt(() => read('/api/budget'))]);
  see.chats = chats?.chats ?? see.chats;
  see.budget = budget ?? see.budget;
  soon();
}

/** What became of an approved quote while nobody looked. */
async function catchUp(id) {
  const [jobs, films, receipt] = await Promise.all(
    [`/api/jobs?quote=${id}`, `/api/films?quote=${id}`, `/api/quotes/${id}/receipt`].map((path) => attempt(() => read(path))));
  for (const job of jobs?.jobs ?? []) see.jobs.set(job.id, job);
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
    const mine = quotes().some((quote) => quote.id === film.quote_id);
    see.films.set(film.quote_id, film);
    if (mine) catchUp(film.quote_id);
    see.ready ||= mine && document.hidden;
    $('status').textContent = `The film is ready: ${film.clip.title}`;
    if (document.hidden && Notification.permission === 'granted') new Notification('Your film is ready', { body: film.clip.title });
  },
  budget(budget) {
    see.budget = budget;
  },
};

function listen() {
  const source = new EventSource('/api/events');
  for (const [kind, tell] of Object.entries(NEWS)) {
    source.addEventListener(kind, ({ data }) => { tell(JSON.parse(data)); soon(); drawTitle(); });
  }
  source.onerror = () => source.readyState === EventSource.CLOSED && setTimeout(listen, 5000);
}

// The person's hands.

$('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('brief').value.trim();
  if (!text || see.running) return;
  $('brief').value = '';
  send(text);
});
$('brief').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('composer').requestSubmit();
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !event.target.matches('input, textarea')) {
    event.preventDefault();
    $('brief').focus();
  }
  if (event.key !== 'Escape' || document.querySelector('dialog[open], :popover-open')) return;
  if (see.running) stop();
  else if (document.activeElement.closest('.slate')) $('brief').focus();
});
$('stop').addEventListener('click', stop);
$('preview').addEventListener('close', () => $('preview').replaceChildren());
$('preview').addEventListener('click', (event) => event.target === $('preview') && $('preview').close());
$('new').addEventListener('click', () => { $('rail').hidePopover(); location.hash = newId('chat'); $('brief').focus(); });
document.addEventListener('visibilitychange', () => { see.ready = false; drawTitle(); });

const asked = () => /^#(chat_[\w-]{1,80})$/.exec(location.hash)?.[1];
addEventListener('hashchange', () => asked() && asked() !== see.id && load(asked()));
setInterval(() => {
  for (const node of document.querySelectorAll('[data-since]')) node.textContent = clock(now() - node.dataset.since);
  for (const node of document.querySelectorAll('[data-expires]')) {
    const rest = Date.parse(node.dataset.expires) - now();
    node.textContent = clock(rest);
    if (rest <= 0) soon();
  }
}, 1000);

if (!asked()) history.replaceState(null, '', `#${newId('chat')}`);
listen();
refresh();
load(asked());
