// What was approved, on its way: the shots being rendered, then the film and what it really cost.
import { button, folded, h, note, own, reconcile, table, words } from './dom.js';
import { clock, now, playBadge, usd, vendor } from './money.js';
const STAGES = {
  ready: 'waiting to be sent', submitting: 'being sent', running: 'rendering', succeeded: 'done',
  unknown: 'no word from the vendor: asking, never sending twice', quarantined: 'held back',
  released: 'not made, the money is back', reused: 'already there', drawn: 'drawn here',
};
const CHARGES = { reported: 'as the vendor reports', computed: 'by its price list', person: 'by your word',
  assumed: 'not reported, so all that was held' };
const isLost = (job) => ['unknown', 'quarantined'].includes(job.state); // a person, or the vendor, must say
export const closed = ({ state }) => ['succeeded', 'failed', 'canceled', 'released'].includes(state);
const billed = ({ state, charged_usd: charged }) => state === 'released' && Number(charged) > 0;
const stands = (job) => (billed(job) ? 'closed, and billed after that' : STAGES[job.state] ?? job.state);
const began = (job) => Date.parse(job.submitted_at);
const took = (job) => (job.finished_at ? Date.parse(job.finished_at) : now()) - began(job);
/** What the vendor usually takes, from the jobs this page knows of: words, or nothing to go by. */
function usual({ model }, known) {
  const alike = [...known.values()].filter((other) => other.state === 'succeeded' && other.model === model);
  const times = alike.map(took).sort((a, b) => a - b);
  const seconds = Math.ceil(times[Math.floor(times.length / 2)] / 1_000);
  return seconds > 0 && ` of about ${seconds < 45 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`}`;
}
/** One row. Percent if the vendor says so, else what it usually takes; the page's ticker runs the clock. */
function row(job, caption, known, act) {
  const running = !closed(job);
  const percent = running && job.progress != null ? ` ${Math.round(job.progress * 100)} %` : '';
  const time = job.submitted_at && h('span', { 'data-at': running && began(job) }, clock(took(job)));
  const named = (label) => ({ 'aria-label': `${label}: shot ${job.n ?? ''}` });
  const ask = (label, click) => button(label, click, 'quiet', named(label));
  const charged = (label, amount) => ask(label, () => act.resolve(job.id, amount));
  return h(`div.job.${job.state}`, words('span.clamp.what', `${job.n ?? ''}  ${caption ?? job.shot_id}`),
    h('span.note', stands(job) + percent,
      time && [' · ', time, job.state === 'running' && !percent && usual(job, known)]),
    running && !isLost(job) && ask('Cancel', () => act.cancel(job.id)),
    job.error && words('p.note.bad.clamp', job.error),
    isLost(job) && note(`${usd(job.ceiling_usd)} stays held. What does the vendor's own page say? `,
      charged('It was not charged', '0'), charged(`It charged ${usd(job.expected_usd)}`, job.expected_usd)),
    percent && h('progress', { max: 1, value: job.progress, 'aria-label': `Shot ${job.n}` }));
}
export const jobCard = (job, known, act) => h('section.card.jobs', row(job, null, known, act));
export function work(quote, { jobs, film, receipt, known, act }, old) {
  const node = old ?? h('section.work');
  reconcile(node, [
    jobs.length > 0 && [`jobs ${film?.id}`, jobs, (was) => rendering(quote, jobs, known, act, film, was)],
    film && ['film', [film.clip.id, jobs.length], () => player(film.clip, quote, jobs)],
    receipt?.open.length === 0 && ['receipt', [receipt], () => cost(receipt)],
  ]);
  return node;
}
function rendering(quote, jobs, known, act, film, was) {
  const node = was ?? h('details.card.jobs', { open: !film });
  const done = jobs.filter((job) => job.state === 'succeeded').length;
  const open = jobs.some((job) => !closed(job));
  const caption = (job) => quote.lines.find((line) => line.n === job.n)?.caption;
  const next = open || film ? '' : ' · putting the film together';
  const stage = h('span.note', `${done} of ${jobs.length} shots rendered${next}`);
  const head = () => h('summary', words('b.clamp', quote.title), stage, playBadge(quote.play_money));
  reconcile(node, [
    ['head', [stage.textContent], head],
    ...jobs.map((job) => [job.id, [job], () => row(job, caption(job), known, act)]),
    open && TELLS[globalThis.Notification?.permission] && ['tell', [Notification.permission], telling],
  ]);
  return node;
}
const TELLS = { default: 'Tell me when it is done', granted: 'You will be told' };
const telling = () => button(TELLS[Notification.permission], askToTell, 'quiet');
/** News of the film beside the page, only after a click, as browsers want it. */
async function askToTell({ target }) {
  const told = await Notification.requestPermission();
  target.textContent = TELLS[told] ?? 'This browser said no';
}
/** A film to watch and to keep; one that was paid for also says what each shot was made from, and by whom. */
export function player({ title, seconds, clip_url: clip, poster_url: still, width, height }, quote, jobs) {
  const shown = { src: own(clip), poster: own(still), width, height };
  const made = (line) => words('p.note', `${line.n}. ${line.prompt}\n${trace(line, quote, jobs)}`);
  return h('figure.film', h('video', { controls: true, preload: 'metadata', playsinline: true, ...shown }),
    h('figcaption', words('b.clamp', title), h('span.note', `${Math.round(seconds)} s`),
      h('a.plain', { href: own(clip), download: 'film.mp4' }, 'Download')),
    quote && folded('exact', 'How it was made', quote.lines.map(made)));
}
function trace(line, { model, provider }, jobs) {
  const job = jobs.find((one) => one.n === line.n);
  const free = STAGES[line.model === 'animatic' ? 'drawn' : 'reused'];
  if (!job) return `${line.model}, ${free} · ${line.reused_clip_id}`;
  const takes = job.takes > 1 ? ` · ${job.takes} takes` : '';
  return `${model} by ${vendor(provider)} · ${job.id} · ${job.provider_job_id ?? 'never sent'}${takes}`;
}
function cost({ play_money: play, charged_usd: charged, ...bill }) {
  const row = ({ n, seconds, charge_source: source, ...line }) => [closed(line) ? '' : 'owned',
    [`Shot ${n}, ${seconds} s `, h('span.note', line.state === 'succeeded' ? CHARGES[source] : stands(line))],
    usd(line.ceiling_usd), usd(line.charged_usd)];
  const by = words('span.clamp', `${bill.model} by ${vendor(bill.provider)}`);
  const all = ['', 'In all', usd(bill.ceiling_usd), usd(charged)];
  const late = Number(bill.late_usd) ? `, ${usd(bill.late_usd)} of it after that` : '';
  const moved = `${usd(charged)} spent${late}, ${usd(bill.released_usd)} given back. `;
  const sum = bill.balanced ? h('span.go', '✓ It adds up.') : h('span.bad', 'It does not add up yet.');
  const title = h('h3', `What it really cost${play ? ', in play money' : ''}`);
  return h('section.card.receipt', { 'aria-label': 'Receipt' },
    h('header', title, h('p.amount.small', usd(charged)), playBadge(play)),
    table('Shots and charges', [by, 'At most', 'Charged'], bill.lines.map(row), [all]),
    note(`${usd(bill.held_usd)} was held: `, moved, sum));
}
