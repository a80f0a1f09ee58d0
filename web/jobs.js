// What was approved, on its way: the shots being rendered, then the film and what it really cost.
import { h, own, reconcile, table, words } from './dom.js';
import { clock, now, playBadge, usd, vendor } from './money.js';

const STAGES = {
  ready: 'waiting to be sent', submitting: 'being sent', running: 'rendering', succeeded: 'done', failed: 'failed',
  canceled: 'canceled', released: 'not made, the money is back', quarantined: 'held back',
  unknown: 'no word from the vendor: asking, never sending twice',
};
const CHARGES = { reported: 'as the vendor reports', computed: 'by its price list', assumed: 'not reported, so all that was held', person: 'by your word' };
const LOST = ['unknown', 'quarantined']; // only a person, or the vendor, can say what became of these
const CLOSED = ['succeeded', 'failed', 'canceled', 'released'];
export const closed = (job) => CLOSED.includes(job.state);
const began = (job) => Date.parse(job.submitted_at);
const took = (job) => (job.finished_at ? Date.parse(job.finished_at) : now()) - began(job);

/** What the vendor usually takes, from the jobs this page has seen: words, or nothing to go by. */
function usual(job, known) {
  const times = [...known.values()].filter((other) => other.state === 'succeeded' && other.model === job.model);
  if (times.length === 0) return '';
  const middle = times.map(took).sort((a, b) => a - b)[Math.floor(times.length / 2)];
  return middle < 45_000 ? ` of about ${Math.ceil(middle / 1000)} s` : ` of about ${Math.max(1, Math.round(middle / 60_000))} min`;
}

const button = (job, label, click) => h('button', { class: 'quiet', type: 'button', 'aria-label': `${label}: shot ${job.n ?? ''}`, click }, label);
/** One row. Percent only if the vendor says so; the clock of an open job is kept by the page's ticker. */
function row(job, caption, known, act) {
  const running = !closed(job);
  const percent = running && job.progress != null ? ` ${Math.round(job.progress * 100)} %` : '';
  const elapsed = job.submitted_at && (running ? h('span', { 'data-since': began(job) }, clock(took(job))) : clock(took(job)));
  return h('div', { class: `job ${job.state}` },
    words('span', 'clamp what', `${job.n ?? ''}  ${caption ?? job.shot_id}`),
    h('span', { class: 'note' }, (STAGES[job.state] ?? job.state) + percent, elapsed && [' · ', elapsed, running && usual(job, known)]),
    running && !LOST.includes(job.state) && button(job, 'Cancel', () => act.cancel(job.id)),
    job.error && words('p', 'note bad clamp', job.error),
    LOST.includes(job.state) && h('p', { class: 'note' }, `${usd(job.ceiling_usd)} stays held. What does the vendor's own page say? `,
      [['It was not charged', '0'], [`It charged ${usd(job.expected_usd)}`, job.expected_usd]].map(([label, amount]) => button(job, label, () => act.resolve(job.id, amount)))),
    running && percent && h('progress', { max: 1, value: job.progress, 'aria-label': `Shot ${job.n}` }));
}

export const jobCard = (job, known, act) => h('section', { class: 'card jobs' }, row(job, null, known, act));

/** Everything after an approval: rows while it renders, the film, the receipt. */
export function work(quote, { jobs, film, receipt, known, act }, old) {
  const node = old ?? h('section', { class: 'work' });
  reconcile(node, [
    jobs.length > 0 && { key: 'jobs', inputs: [film, ...jobs], make: (was) => rendering(quote, jobs, known, act, film, was) },
    film && { key: 'film', inputs: [film.clip.id], make: () => player(film) },
    receipt && receipt.open.length === 0 && { key: 'receipt', inputs: [receipt], make: () => cost(receipt) },
  ].filter(Boolean));
  return node;
}

function rendering(quote, jobs, known, act, film, was) {
  const node = was ?? h('details', { class: 'card jobs', open: !film });
  if (film && !node.dataset.film) Object.assign(node, { open: false }).dataset.film = film.id;
  const done = jobs.filter((job) => job.state === 'succeeded').length;
  const open = jobs.some((job) => !closed(job));
  const caption = (job) => quote.lines.find((line) => line.n === job.n)?.caption;
  reconcile(node, [
    { key: 'head', inputs: [done, open, film], make: () => heading(quote, jobs, done, open, film) },
    ...jobs.map((job) => ({ key: job.id, inputs: [job], make: () => row(job, caption(job), known, act) })),
    open && globalThis.Notification?.permission === 'default'
      && { key: 'tell', inputs: [], make: () => h('button', { class: 'quiet', type: 'button', click: askToTell }, 'Tell me when it is done') },
  ].filter(Boolean));
  return node;
}

function heading(quote, jobs, done, open, film) {
  const stage = `${done} of ${jobs.length} shots rendered${open || film ? '' : ' · putting the film together'}`;
  return h('summary', {}, words('b', 'clamp', quote.title), h('span', { class: 'note' }, stage), playBadge(quote.play_money));
}

/** News of the film beside the page, only after a click, as browsers want it. */
async function askToTell({ target }) {
  target.textContent = await Notification.requestPermission() === 'granted' ? 'You will be told' : 'This browser said no';
}

function player(film) {
  const { clip } = film;
  return h('figure', { class: 'film', id: `film-${film.id}` },
    h('video', { controls: true, preload: 'metadata', playsinline: true, src: own(clip.clip_url),
      poster: own(clip.poster_url), width: clip.width, height: clip.height }),
    h('figcaption', {}, words('b', 'clamp', clip.title), h('span', { class: 'note' }, `${Math.round(clip.seconds)} s`),
      h('a', { class: 'plain', href: own(clip.clip_url), download: 'film.mp4' }, 'Download')));
}

const figure = (amount) => h('td', { class: 'figure' }, amount == null ? '—' : usd(amount));

function cost(receipt) {
  const rows = receipt.lines.map((line) => h('tr', { class: line.state === 'reused' ? 'owned' : '' },
    h('td', {}, `Shot ${line.n}, ${line.seconds} s`, h('span', { class: 'note' }, ` ${receiptWord(line)}`)),
    figure(line.ceiling_usd), figure(line.charged_usd)));
  return h('section', { class: 'card receipt', 'aria-label': 'Receipt' },
    h('header', {}, h('h3', {}, `What it really cost${receipt.play_money ? ', in play money' : ''}`), h('p', { class: 'amount small' }, usd(receipt.charged_usd)), playBadge(receipt.play_money)),
    table([words('span', 'clamp', `${receipt.model} by ${vendor(receipt.provider)}`), 'At most', 'Charged'], rows,
      h('tr', {}, h('td', {}, 'In all'), figure(receipt.ceiling_usd), figure(receipt.charged_usd))),
    h('p', { class: 'note' }, `${usd(receipt.held_usd)} was held: ${usd(receipt.charged_usd)} spent, ${usd(receipt.released_usd)} given back. `,
      receipt.balanced ? h('span', { class: 'go' }, '✓ It adds up.') : h('span', { class: 'bad' }, 'It does not add up yet.')));
}

function receiptWord(line) {
  if (line.state === 'reused') return 'you already had it';
  if (line.state !== 'succeeded') return STAGES[line.state] ?? line.state;
  return CHARGES[line.charge_source] ?? '';
}
