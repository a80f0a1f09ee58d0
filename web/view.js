// Messages -> nodes. A part is drawn again only when it, or what it leans on, has changed.
import { storyboard } from './board.js';
import { button, figure, folded, h, lines, note, p, reconcile, table, words } from './dom.js';
import { jobCard, player, work } from './jobs.js';
import { write } from './markdown.js';
import { day, playBadge, usd, vendor } from './money.js';
import { slate, stateOf } from './slate.js';

const DOING = {
  scan_repo: 'Reading the repository', plan_shots: 'Planning the shots', edit_shots: 'Changing the plan',
  preview_animatic: 'Drawing a free preview', estimate_cost: 'Comparing prices', check_budget: 'Looking at the budget',
  generate_video: 'Preparing an offer', check_jobs: 'Looking at the jobs', cancel_job: 'Canceling',
  find_clips: 'Looking for clips', compose_film: 'Putting the film together',
};
const BRIEFS = {
  'Make a silent film about this repository': 'Reads the code here and finds the comedy in it',
  'A lighthouse keeper gets one wrong letter every night, film noir, 30 seconds': 'A story from a sentence',
  'Plan a 20 second trailer for version 2.0 of this project and tell me what it costs': 'Compares every vendor',
  'How much have I spent, and what is left?': 'The budget, in words',
};

const isQuote = (part) => part.type === 'data-quote';
const isSpent = (part) => isQuote(part) && part.data.state === 'approved';
/** The person's last words, unless something was approved after them. */
export function lastWords(messages) {
  const at = messages.findLastIndex((message) => message.role === 'user');
  return messages.slice(at + 1).some((message) => message.parts.some(isSpent)) ? null : messages[at];
}
/** Show a conversation. `see` is everything that is known of it, and what a person can do about it. */
export function drawLog(log, see) {
  const parts = see.messages.flatMap((message) => message.parts);
  const quotes = new Set(parts.filter(isQuote).map((part) => part.id));
  const plan = parts.findLast((part) => part.type === 'data-shots');
  const all = { ...see, made: previews(parts), quotes, plan, again: see.running ? null : lastWords(see.messages) };
  reconcile(log, [
    see.messages.length === 0 && !see.running && ['empty', [], () => empty(see.act)],
    ...see.messages.map((message) => [`m-${message.id}`, [{}], (old) => article(message, all, old)]),
    see.running && ['busy', [], () => p('busy', h('span', { class: 'light' }), 'Working')],
    see.trouble && ['trouble', [see.trouble], () => trouble(see.trouble)],
  ]);
}
/** The free previews by what they show: a shot that an edit left alone keeps its own. */
function previews(parts) {
  const made = new Map();
  let shots = [];
  for (const { type, data } of parts) {
    if (type === 'data-shots') ({ shots } = data);
    const shot = type === 'data-clip' && shots.find((one) => one.shot_id === data.shot_id);
    if (shot) made.set(workOf(shot), data.clip);
  }
  return made;
}

const workOf = ({ shot_id: id, enhanced_prompt: prompt, duration }) => JSON.stringify([id, prompt, duration]);

function article(message, see, old) {
  const who = message.role === 'user' ? 'You' : 'Greenlight';
  const node = old ?? h('article', { class: message.role, 'aria-label': who });
  const said = message.parts.map((part, n) => entry(part, `${n}-${part.type}`, message, see));
  reconcile(node, [...said, ...message.parts.map((part) => works(part, see)), ...ending(message, see.act)]);
  return node;
}
/** How one part is shown: by its kind, as an item to reconcile, or not at all. */
function entry(part, key, message, see) {
  const one = (make, ...inputs) => [key, [part, ...inputs], make];
  const { type, data } = part;
  if (message.role === 'user') return type === 'text' && one(() => said(message, part, see), see.again === message);
  if (type === 'text') return part.text && one((old) => write(old ?? h('div', { class: 'prose' }), part.text));
  if (type === 'reasoning') return part.text && one((old) => reasoning(part, old));
  if (type === 'data-shots') return board(part, one, see);
  if (type === 'data-estimate') return one(() => estimate(data));
  if (type === 'data-film') return one(() => player(data));
  if (isQuote(part)) return offer(data, key, see);
  if (type === 'data-job') {
    const job = see.jobs.get(data.id) ?? data;
    return !see.quotes.has(job.quote_id) && one(() => jobCard(job, see.jobs, see.act), job);
  }
  return type.startsWith('tool-') && !see.quotes.has(part.approval?.id) && one((old) => tool(part, old));
}
/** Only the newest plan can be changed, and only between turns. */
function board(part, one, { made, plan, running, act }) {
  const clips = part.data.shots.map((shot) => made.get(workOf(shot)));
  const say = part === plan && !running ? act.send : null;
  const open = (shot, n, clip) => act.open({ shot, n, clip, last: clips.length, say });
  return one((old) => storyboard(part.data, clips, open, old), say, ...clips);
}
/** A person's own words. The last of them can be said differently, as long as they led to no spending. */
function said(message, part, see) {
  const change = see.again === message && button('Edit', () => see.act.edit(message), 'quiet');
  return h('div', { class: 'mine' }, words('p', 'said', part.text), change);
}

function offer(quote, key, { budget, receipts, deciding, act }) {
  const ctx = { budget, receipt: receipts.get(quote.id), deciding: deciding === quote.id, act };
  return [key, [quote, stateOf(quote), ...Object.values(ctx)], (old) => slate(quote, ctx, old)];
}
/** Below what was said: the jobs, the film and the receipt of an offer that was approved. */
function works(part, { films, receipts, jobs: known, act }) {
  if (!isSpent(part)) return null;
  const jobs = [...known.values()].filter((job) => job.quote_id === part.id).sort((a, b) => a.n - b.n);
  const ctx = { jobs, film: films.get(part.id), receipt: receipts.get(part.id), known, act };
  return [`work-${part.id}`, [ctx.film, ctx.receipt, ...jobs], (old) => work(part.data, ctx, old)];
}

function ending({ metadata, error, stopped }, act) {
  const again = () => act.again();
  return [
    stopped && ['stopped', [], () => note('Stopped. ', button('Try again', again, 'quiet'))],
    error && ['error', [error], () => trouble({ detail: error, retry: again })],
    metadata?.model && ['note', [metadata], () => note(thinking(metadata))],
  ];
}

function thinking({ model, input_tokens: read, output_tokens: wrote, cost_usd: cost, cost_note: why }) {
  if (model === 'offline') return 'offline director · no language model, $0.00';
  const tokens = `${(read ?? 0).toLocaleString('en')} tokens read, ${(wrote ?? 0).toLocaleString('en')} written`;
  const counted = why ? ` (${String(why).slice(0, 200)})` : '';
  return `${String(model).slice(0, 60)} · ${tokens}${cost == null ? '' : ` · ${usd(cost)}`}${counted}`;
}

const trouble = ({ detail, retry }) => h('div', { class: 'card trouble', role: 'alert' },
  words('p', 'clamp bad', detail), retry && button('Try again', retry));

function reasoning(part, old) {
  const node = old ?? folded('tool', h('b', {}, 'Thinking'), words('pre', '', ''));
  node.lastChild.textContent = part.text;
  return node;
}
/** One line that opens to what went in and what came out. */
function tool(part, old) {
  const name = part.type.slice('tool-'.length);
  const phrase = Object.hasOwn(DOING, name) ? DOING[name] : name;
  const state = { 'output-available': 'done', 'output-error': 'failed', 'output-denied': 'denied' }[part.state] ?? 'doing';
  const told = state === 'failed' ? `${phrase} · ${part.errorText ?? 'failed'}` : part.output?.summary ?? phrase;
  const [first, ...rest] = String(told).split(' · ').map((each, n) => (n > 0 ? ` · ${each}` : each));
  const mark = h('span', { class: `mark ${state}`, role: 'img', 'aria-label': state });
  const paper = (label, value) => value !== undefined
    && [note(label), h('pre', { tabindex: 0, dir: 'auto' }, JSON.stringify(value, null, 2))];
  const node = folded('tool', [mark, h('span', { class: 'clamp words', dir: 'auto' }, h('b', {}, first), rest)],
    paper('Input', part.input), paper('Output', part.output));
  node.open = old?.open ?? false;
  return node;
}

function estimate({ rows, refused }) {
  const row = (each) => h('tr', { class: each.ready ? '' : 'unready' },
    h('td', {}, h('span', { class: 'what' }, words('b', 'clamp', each.model), playBadge(each.play_money)),
      words('span', 'note clamp', facts(each))), figure(usd(each.expected_usd)), figure(usd(each.ceiling_usd)));
  const [first] = rows;
  const why = (each) => words('p', 'note clamp', `${each.model} by ${vendor(each.provider)}: ${each.why}`);
  return h('section', { class: 'card estimate', 'aria-label': 'Estimate' },
    lines('Prices', rows.length, table([first ? `${first.seconds} s on` : 'Nobody can', 'Expected', 'At most'], rows.map(row))),
    first && note(`Prices of ${day(first.price_as_of)} · an estimate is free and binds nobody`),
    refused?.length > 0 && folded('exact', `${refused.length} cannot do it`, refused.map(why)));
}

function facts({ provider, resolution, differs, ready }) {
  const told = (differs ?? []).filter((word) => !word.startsWith('$')); // the columns tell the amounts
  return [vendor(provider), resolution, ...told, !ready && 'not set up here'].filter(Boolean).join(' · ');
}

function empty(act) {
  const path = h('input', { required: true, maxlength: 400, pattern: '\\S+', placeholder: '../another-repository' });
  const submit = (event) => {
    event.preventDefault();
    const place = path.value.includes('/') ? path.value : `./${path.value}`; // so that the crew takes it for a path
    act.send(`Make a silent film about the repository at ${place}`);
  };
  const brief = ([said, what]) => h('button', { class: 'brief', type: 'button', click: () => act.send(said) },
    h('b', {}, said), h('span', { class: 'note' }, what));
  return h('div', { class: 'empty' }, h('h2', {}, 'What shall we film?'),
    note('You talk, a crew plans, prices and draws. Nothing is spent until you approve an amount.'),
    h('div', { class: 'briefs' }, Object.entries(BRIEFS).map(brief)),
    folded('note', 'Or another repository on this machine', h('form', { class: 'asks', submit },
      h('label', {}, 'Its path', path), h('button', { class: 'plain', type: 'submit' }, 'Film it'))));
}
