// Messages -> nodes. A part is drawn again only when it, or what it leans on, has changed.
import { h, own, reconcile, table, words } from './dom.js';
import { jobCard, work } from './jobs.js';
import { write } from './markdown.js';
import { day, playBadge, usd, vendor } from './money.js';
import { slate, stateOf } from './slate.js';

const DOING = {
  scan_repo: 'Reading the repository', plan_shots: 'Planning the shots', edit_shots: 'Changing the plan',
  preview_animatic: 'Drawing a free preview', estimate_cost: 'Comparing prices', check_budget: 'Looking at the budget',
  generate_video: 'Preparing an offer', check_jobs: 'Looking at the jobs', cancel_job: 'Canceling',
  find_clips: 'Looking for clips', compose_film: 'Putting the film together',
};
const BRIEFS = [
  ['Make a silent film about this repository', 'Reads the code here and finds the comedy in it'],
  ['A lighthouse keeper gets one wrong letter every night, film noir, 30 seconds', 'A story from a sentence'],
  ['Plan a 20 second trailer for version 2.0 of this project and tell me what it costs', 'Compares every vendor you could use'],
  ['How much have I spent, and what is left?', 'The budget, in words'],
];

/** Show a conversation. `see` is everything known: {messages, running, trouble, budget, jobs, films, receipts, deciding, act}. */
export function drawLog(log, see) {
  const made = previews(see.messages);
  const quotes = new Set(see.messages.flatMap((message) => message.parts).filter(isQuote).map((part) => part.id));
  reconcile(log, [
    see.messages.length === 0 && !see.running && { key: 'empty', inputs: [], make: () => empty(see.act) },
    ...see.messages.map((message) => ({ key: `m-${message.id}`, inputs: [{}], make: (old) => article(message, { ...see, made, quotes }, old) })),
    see.running && { key: 'busy', inputs: [], make: () => h('p', { class: 'busy' }, h('span', { class: 'light' }), 'Working') },
    see.trouble && { key: 'trouble', inputs: [see.trouble], make: () => trouble(see.trouble) },
  ].filter(Boolean));
}

const isQuote = (part) => part.type === 'data-quote';

const workOf = ({ shot_id: id, enhanced_prompt: prompt, duration }) => JSON.stringify([id, prompt, duration]);

/** The free previews by what they show: a shot that an edit left alone keeps its own. */
function previews(messages) {
  const made = new Map();
  let shots = [];
  for (const { type, data } of messages.flatMap((message) => message.parts)) {
    if (type === 'data-shots') ({ shots } = data);
    const shot = type === 'data-clip' && shots.find((one) => one.shot_id === data.shot_id);
    if (shot) made.set(workOf(shot), data.clip);
  }
  return made;
}

function article(message, see, old) {
  const mine = message.role === 'user';
  const node = old ?? h('article', { class: message.role, 'aria-label': mine ? 'You' : 'Greenlight' });
  reconcile(node, [...message.parts.flatMap((part, n) => entries(part, n, message, see)), ...message.parts.flatMap((part) => works(part, see)), ...ending(message, see)]);
  return node;
}

function entries(part, n, message, see) {
  const key = `${n}-${part.type}`;
  const one = (make, ...inputs) => [{ key, inputs: [part, ...inputs], make }];
  if (part.type === 'text' && message.role === 'user') return one(() => words('p', 'said', part.text));
  if (part.type === 'text') return part.text ? one((old) => write(old ?? h('div', { class: 'prose' }), part.text)) : [];
  if (part.type === 'reasoning') return part.text ? one((old) => reasoning(part, old)) : [];
  if (part.type === 'data-shots') {
    const clips = part.data.shots.map((shot) => see.made.get(workOf(shot)));
    return one((old) => storyboard(part.data, clips, see.act, old), ...clips);
  }
  if (part.type === 'data-estimate') return one(() => estimate(part.data));
  if (isQuote(part)) return offer(part, key, see);
  if (part.type === 'data-job') {
    const job = see.jobs.get(part.data.id) ?? part.data;
    return see.quotes.has(job.quote_id) ? [] : one(() => jobCard(job, see.jobs, see.act), job);
  }
  if (part.type.startsWith('tool-')) return see.quotes.has(part.approval?.id) ? [] : one((old) => tool(part, old));
  return [];
}

function offer({ data: quote }, key, { budget, receipts, deciding, act }) {
  const ctx = { budget, receipt: receipts.get(quote.id), deciding: deciding === quote.id, act };
  return [{ key, inputs: [quote, stateOf(quote), ...Object.values(ctx)], make: (old) => slate(quote, ctx, old) }];
}

/** Below what was said: the jobs, the film and the receipt of an offer that was approved. */
function works(part, { films, receipts, jobs: known, act }) {
  if (!isQuote(part) || part.data.state !== 'approved') return [];
  const jobs = [...known.values()].filter((job) => job.quote_id === part.id).sort((a, b) => a.n - b.n);
  const ctx = { jobs, film: films.get(part.id), receipt: receipts.get(part.id), known, act };
  return [{ key: `work-${part.id}`, inputs: [ctx.film, ctx.receipt, ...jobs], make: (old) => work(part.data, ctx, old) }];
}

function ending(message, see) {
  const { metadata, error, stopped } = message;
  return [
    stopped && { key: 'stopped', inputs: [], make: () => h('p', { class: 'note' }, 'Stopped.') },
    error && { key: 'error', inputs: [error], make: () => trouble({ detail: error, retry: () => see.act.again() }) },
    metadata?.model && { key: 'note', inputs: [metadata], make: () => h('p', { class: 'note quietly' }, thinking(metadata)) },
  ].filter(Boolean);
}

function thinking({ model, input_tokens: read, output_tokens: wrote, cost_usd: cost, cost_note: note }) {
  if (model === 'offline') return 'offline director · no language model, $0.00';
  const tokens = `${(read ?? 0).toLocaleString('en')} tokens read, ${(wrote ?? 0).toLocaleString('en')} written`;
  return `${String(model).slice(0, 60)} · ${tokens}${cost == null ? '' : ` · ${usd(cost)}`}${note ? ` (${String(note).slice(0, 200)})` : ''}`;
}

function trouble({ detail, retry }) {
  return h('div', { class: 'card trouble', role: 'alert' }, words('p', 'clamp bad', detail),
    retry && h('button', { class: 'plain', type: 'button', click: retry }, 'Try again'));
}

function reasoning(part, old) {
  const node = old ?? h('details', { class: 'tool' }, h('summary', {}, h('b', {}, 'Thinking')), words('pre', '', ''));
  node.lastChild.textContent = part.text;
  return node;
}

/** One line that opens to what went in and what came out. */
function tool(part, old) {
  const name = part.type.slice('tool-'.length);
  const phrase = Object.hasOwn(DOING, name) ? DOING[name] : name;
  const state = { 'output-available': 'done', 'output-error': 'failed', 'output-denied': 'denied' }[part.state] ?? 'doing';
  const told = state === 'failed' ? `${phrase} · ${part.errorText ?? 'failed'}` : part.output?.summary ?? phrase;
  const [first, ...rest] = String(told).split(' · ');
  const mark = h('span', { class: `mark ${state}`, role: 'img', 'aria-label': state });
  const paper = (label, value) => value !== undefined && [h('p', { class: 'note' }, label),
    h('pre', { tabindex: 0, dir: 'auto' }, JSON.stringify(value, null, 2))];
  return h('details', { class: 'tool', open: old?.open },
    h('summary', {}, mark, h('span', { class: 'clamp words', dir: 'auto' }, h('b', {}, first), rest.length > 0 && ` · ${rest.join(' · ')}`)),
    paper('Input', part.input), paper('Output', part.output));
}

function storyboard(plan, clips, act, old) {
  const strip = h('ol', { class: 'strip', 'aria-label': `Storyboard: ${plan.shots.length} shots, ${plan.seconds} seconds` },
    plan.shots.map((shot, n) => h('li', {}, frame(shot, n + 1, clips[n], act))));
  strip.classList.toggle('tall', plan.aspect_ratio === '9:16');
  if (old) requestAnimationFrame(() => { strip.scrollLeft = old.dataset.at ?? 0; });
  strip.addEventListener('scroll', () => { strip.dataset.at = strip.scrollLeft; }, { passive: true });
  strip.dataset.at = old?.dataset.at ?? 0;
  return strip;
}

function frame(shot, n, clip, act) {
  const place = shot.evidence?.[0];
  const said = shot.caption || shot.enhanced_prompt;
  const poster = own(clip?.poster_url);
  return h('button', { class: 'frame', type: 'button', click: () => act.play(shot, n, clip) },
  h('span', { class: 'still' }, poster && h('img', { src: poster, alt: '', loading: 'lazy' }),
    h('span', { class: 'unseen' }, 'Shot '), h('span', { class: 'number' }, String(n)), h('span', { class: 'length' }, `${shot.duration} s`)),
  words('span', 'clamp sentence', said),
  place && h('span', { class: 'place' }, words('code', '', `${place.path}:${place.line}`)));
}

/** The free preview of a shot, or its words where there is none, in the page's one dialog. */
export function preview(dialog, shot, n, clip) {
  const address = own(clip?.clip_url);
  dialog.replaceChildren(
    h('header', {}, h('b', {}, `Shot ${n}`), h('span', { class: 'note' }, address ? 'free preview' : 'no preview yet'),
      h('button', { class: 'quiet', type: 'button', autofocus: true, click: () => dialog.close() }, 'Close')),
    address ? h('video', { controls: true, autoplay: true, loop: true, playsinline: true, src: address, poster: own(clip.poster_url) }) : '',
    words('p', 'long', shot.enhanced_prompt),
    h('ul', { class: 'places' }, (shot.evidence ?? []).map((at) => h('li', {}, words('code', '', `${at.path}:${at.line}`)))));
  dialog.showModal();
}

function estimate({ rows, refused }) {
  const row = (each) => h('tr', { class: each.ready ? '' : 'unready' },
    h('td', {}, h('span', { class: 'what' }, words('b', 'clamp', each.model), playBadge(each.play_money)),
      words('span', 'note clamp', [vendor(each.provider), each.resolution, ...(each.differs ?? []).filter((word) => !word.startsWith('$')), each.ready ? '' : 'not set up here']
        .filter(Boolean).join(' · '))),
    h('td', { class: 'figure' }, usd(each.expected_usd)), h('td', { class: 'figure' }, usd(each.ceiling_usd)));
  const [first] = rows;
  return h('section', { class: 'card estimate', 'aria-label': 'Estimate' },
    h('div', { class: 'lines', tabindex: rows.length > 6 ? 0 : null, role: 'group', 'aria-label': 'Prices' },
      table([first ? `${first.seconds} s on` : 'Nobody can', 'Expected', 'At most'], rows.map(row))),
    first && h('p', { class: 'note' }, `Prices of ${day(first.price_as_of)} · an estimate is free and binds nobody`),
    refused?.length > 0 && h('details', { class: 'exact' }, h('summary', {}, `${refused.length} cannot do it`),
      refused.map((each) => words('p', 'note clamp', `${each.model} by ${vendor(each.provider)}: ${each.why}`))));
}

function empty(act) {
  return h('div', { class: 'empty' }, h('h2', {}, 'What shall we film?'),
    h('p', { class: 'note' }, 'You talk, a crew plans, prices and draws. Nothing is spent until you approve an amount.'),
    h('div', { class: 'briefs' }, BRIEFS.map(([brief, what]) =>
      h('button', { class: 'brief', type: 'button', click: () => act.send(brief) }, h('b', {}, brief), h('span', { class: 'note' }, what)))));
}
