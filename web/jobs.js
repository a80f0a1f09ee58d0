// What was approved, on its way: the shots being rendered, then the film and what it really cost.
import { button, figure, folded, h, note, own, p, reconcile, table, words } from './dom.js';
import { clock, now, playBadge, usd, vendor } from './money.js';

const STAGES = {
  ready: 'waiting to be sent', submitting: 'being sent', running: 'rendering', succeeded: 'done', failed: 'failed',
  canceled: 'canceled', released: 'not made, the money is back', quarantined: 'held back',
  unknown: 'no word from the vendor: asking, never sending twice',
};
const CHARGES = {
  reported: 'as the vendor reports', computed: 'by its price list', person: 'by your word',
  assumed: 'not reported, so all that was held',
};
const LOST = ['unknown', 'quarantined']; // only a person, or the vendor, can say what became of these
const CLOSED = ['succeeded', 'failed', 'canceled', 'released'];
export const closed = (job) => CLOSED.includes(job.state);
const began = (job) => Date.parse(job.submitted_at);
const took = (job) => (job.finished_at ? Date.parse(job.finished_at) : now()) - began(job);
/** What the vendor usually takes, from the jobs this page has seen: words, or nothing to go by. */
function usual(job, known) {
  const times = [...known.values()].filter((other) => other.state === 'succeeded' && other.model === job.model).map(took);
  if (times.length === 0) return '';
  const seconds = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] / 1_000;
  return seconds < 45 ? ` of about ${Math.ceil(seconds)} s` : ` of about ${Math.max(1, Math.round(seconds / 60))} min`;
}
/** One row. Percent only if the vendor says so; the clock of an open job is kept by the page's ticker. */
function row(job, caption, known, act) {
  const running = !closed(job);
  const lost = LOST.includes(job.state);
  const percent = running && job.progress != null ? ` ${Math.round(job.progress * 100)} %` : '';
  const time = job.submitted_at && h('span', running ? { 'data-since': began(job) } : {}, clock(took(job)));
  const ask = (label, click) => button(label, click, 'quiet', { 'aria-label': `${label}: shot ${job.n ?? ''}` });
  const charged = (label, amount) => ask(label, () => act.resolve(job.id, amount));
  return h('div', { class: `job ${job.state}` },
    words('span', 'clamp what', `${job.n ?? ''}  ${caption ?? job.shot_id}`),
    h('span', { class: 'note' }, (STAGES[job.state] ?? job.state) + percent, time && [' · ', time, running && usual(job, known)]),
    running && !lost && ask('Cancel', () => act.cancel(job.id)),
    job.error && words('p', 'note bad clamp', job.error),
    lost && note(`${usd(job.ceiling_usd)} stays held. What does the vendor's own page say? `,
      charged('It was not charged', '0'), charged(`It charged ${usd(job.expected_usd)}`, job.expected_usd)),
    percent && h('progress', { max: 1, value: job.progress, 'aria-label': `Shot ${job.n}` }));
}

export const jobCard = (job, known, act) => h('section', { class: 'card jobs' }, row(job, null, known, act));
/** Everything after an approval: rows while it renders, the film, the receipt. */
export function work(quote, { jobs, film, receipt, known, act }, old) {
  const node = old ?? h('section', { class: 'work' });
  reconcile(node, [
    jobs.length > 0 && ['jobs', [film, ...jobs], (was) => rendering(quote, jobs, known, act, film, was)],
    film && ['film', [film.clip.id, jobs.length], () => player(film.clip, quote, jobs)],
    receipt && receipt.open.length === 0 && ['receipt', [receipt], () => cost(receipt)],
  ]);
  return node;
}

function rendering(quote, jobs, known, act, film, was) {
  const node = was ?? h('details', { class: 'card jobs', open: !film });
  if (film && !node.dataset.film) Object.assign(node, { open: false }).dataset.film = film.id;
  const done = jobs.filter((job) => job.state === 'succeeded').length;
  const open = jobs.some((job) => !closed(job));
  const caption = (job) => quote.lines.find((line) => line.n === job.n)?.caption;
  const stage = `${done} of ${jobs.length} shots rendered${open || film ? '' : ' · putting the film together'}`;
  reconcile(node, [
    ['head', [stage], () => h('summary', {},
      words('b', 'clamp', quote.title), h('span', { class: 'note' }, stage), playBadge(quote.play_money))],
    ...jobs.map((job) => [job.id, [job], () => row(job, caption(job), known, act)]),
    open && globalThis.Notification?.permission === 'default'
      && ['tell', [], () => button('Tell me when it is done', askToTell, 'quiet')],
  ]);
  return node;
}
/** News of the film beside the page, only after a click, as browsers want it. */
async function askToTell({ target }) {
  target.textContent = await Notification.requestPermission() === 'granted' ? 'You will be told' : 'This browser said no';
}
/** A film to watch and to keep; one that was paid for also says what each shot was made from, and by whom. */
export function player(clip, quote = null, jobs = []) {
  const film = { controls: true, preload: 'metadata', playsinline: true, width: clip.width, height: clip.height };
  const made = (line) => [words('p', 'note', `${line.n}. ${line.prompt}`), words('p', 'note', trace(line, quote, jobs))];
  return h('figure', { class: 'film' },
    h('video', { ...film, src: own(clip.clip_url), poster: own(clip.poster_url) }),
    h('figcaption', {}, words('b', 'clamp', clip.title), h('span', { class: 'note' }, `${Math.round(clip.seconds)} s`),
      h('a', { class: 'plain', href: own(clip.clip_url), download: 'film.mp4' }, 'Download')),
    quote && folded('exact', 'How it was made', quote.lines.map(made)));
}

function trace(line, { model, provider }, jobs) {
  const job = jobs.find((one) => one.n === line.n);
  if (!job) return `the clip you already had · ${line.reused_clip_id}`;
  const takes = job.takes > 1 ? ` · ${job.takes} takes` : '';
  return `${model} by ${vendor(provider)} · ${job.id} · ${job.provider_job_id ?? 'never sent'}${takes}`;
}

function cost(receipt) {
  const { play_money: play, held_usd: held, charged_usd: charged, released_usd: back } = receipt;
  const rows = receipt.lines.map((line) => h('tr', { class: line.state === 'reused' ? 'owned' : '' },
    h('td', {}, `Shot ${line.n}, ${line.seconds} s`, h('span', { class: 'note' }, ` ${told(line)}`)),
    figure(usd(line.ceiling_usd)), figure(usd(line.charged_usd))));
  const foot = h('tr', {}, h('td', {}, 'In all'), figure(usd(receipt.ceiling_usd)), figure(usd(charged)));
  const by = words('span', 'clamp', `${receipt.model} by ${vendor(receipt.provider)}`);
  const sum = h('span', { class: receipt.balanced ? 'go' : 'bad' }, receipt.balanced ? '✓ It adds up.' : 'It does not add up yet.');
  return h('section', { class: 'card receipt', 'aria-label': 'Receipt' },
    h('header', {}, h('h3', {}, `What it really cost${play ? ', in play money' : ''}`), p('amount small', usd(charged)), playBadge(play)),
    table([by, 'At most', 'Charged'], rows, foot),
    note(`${usd(held)} was held: ${usd(charged)} spent, ${usd(back)} given back. `, sum));
}

function told({ state, charge_source: source }) {
  if (state === 'reused') return 'you already had it';
  return state === 'succeeded' ? CHARGES[source] ?? '' : STAGES[state] ?? state;
}
