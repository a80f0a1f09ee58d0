// Messages -> nodes. A part is drawn again only when it, or what it leans on, has changed.
import { storyboard } from './board.js';
import { saidIn, thumbs } from './brief.js';
import { button, dots, folded, form, h, note, reconcile, submitter, table, words } from './dom.js';
import { jobCard, player, work } from './jobs.js';
import { write } from './markdown.js';
import { day, playBadge, usd, vendor } from './money.js';
import { slate, stateOf } from './slate.js';

const DOING = {
  scan_repo: 'Reading the repository', plan_shots: 'Planning the shots', edit_shots: 'Changing the plan',
  preview_animatic: 'Drawing a free preview', estimate_cost: 'Comparing prices', cancel_job: 'Canceling',
  check_budget: 'Reading the budget', generate_video: 'Preparing an offer', find_clips: 'Looking for clips',
  check_jobs: 'Asking for news', compose_film: 'Joining the film', attach_picture: 'Placing the picture',
};
const BRIEFS = [
  ['Make a silent film about this repository', 'Reads the code here and finds the comedy in it'],
  ['A lighthouse keeper gets one wrong letter every night, film noir, 30 seconds', 'A story from a sentence'],
  ['Plan a 20 second trailer for version 2.0 of this project and tell me what it costs', 'Compares vendors'],
  ['How much have I spent, and what is left?', 'The budget, in words'],
];

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
  const again = see.running ? null : lastWords(see.messages);
  const all = { ...see, made: previews(parts), quotes, plan, again };
  reconcile(log, [
    see.messages.length === 0 && !see.running && ['empty', [], () => empty(see.act)],
    ...see.messages.map((message) => [`m-${message.id}`, [{}], (old) => article(message, all, old)]),
    see.running && ['busy', [], () => h('p.busy', h('span.light'), 'Working')],
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
  const mine = message.role === 'user';
  const node = old ?? h('article', { class: message.role, 'aria-label': mine ? 'You' : 'Greenlight' });
  const again = see.again === message;
  reconcile(node, mine ? [['said', [message, again], () => said(message, again && see.act.edit)]] : [
    ...message.parts.map((part, n) => entry(part, `${n}-${part.type}`, see, message.parts)),
    ...message.parts.map((part) => works(part, see)), ...ending(message, see.act)]);
  return node;
}
/** A person's own words and pictures. The last can be said differently, if they led to no spending. */
function said(message, edit) {
  const { text, pictures } = saidIn(message);
  const change = edit && button('Edit', () => edit(message), 'quiet');
  return h('div.mine', thumbs(pictures), text && words('p.said', text), change);
}
function entry(part, key, see, parts) {
  const one = (make, ...inputs) => [key, [part, ...inputs], make];
  const { type, data } = part;
  if (type === 'text') return part.text && one((old) => write(old ?? h('div.prose'), part.text));
  if (type === 'reasoning') return part.text && one((old) => reasoning(part, old));
  if (type === 'data-shots') return board(part, one, see);
  if (type === 'data-planning') return !isOver(part, parts) && one(() => drafting(data));
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
  const say = part === plan && !running && act.send;
  const { shots, version } = part.data;
  const open = (shot, n) => act.open({ shot, n: n + 1, next: shots[n + 1], clip: clips[n], say });
  const undo = say && version > 1 && (() => say('Undo the last change'));
  return one((old) => storyboard(part.data, clips, { open, undo }, old), say, ...clips);
}
function offer(quote, key, { budget, receipts, running, act }) {
  const ctx = { budget, receipt: receipts.get(quote.id), running, act };
  return [key, [quote, stateOf(quote), ...Object.values(ctx)], (old) => slate(quote, ctx, old)];
}
/** Below what was said: the jobs, the film and the receipt of an offer that was approved. */
function works(part, { films, receipts, jobs: known, act }) {
  if (!isSpent(part)) return null;
  const jobs = [...known.values()].filter((job) => job.quote_id === part.id).sort((a, b) => a.n - b.n);
  const ctx = { jobs, film: films.get(part.id), receipt: receipts.get(part.id), known, act };
  return [`work-${part.id}`, [ctx.film, ctx.receipt, ...jobs], (old) => work(part.data, ctx, old)];
}
function ending({ metadata, error, stopped }, { again }) {
  return [
    stopped && ['stopped', [], () => note('Stopped. ', button('Try again', again, 'quiet'))],
    error && ['error', [error], () => trouble({ detail: error, retry: again })],
    metadata?.model && ['note', [metadata], () => note(thinking(metadata))],
  ];
}
function thinking({ model, input_tokens: read, output_tokens: wrote, cost_usd: cost, cost_note: why }) {
  if (model === 'offline') return 'offline director · no language model, $0.00';
  const count = (n) => (n ?? 0).toLocaleString('en');
  const tokens = `${count(read)} tokens read, ${count(wrote)} written`;
  const paid = cost != null && usd(cost);
  return dots(String(model).slice(0, 60), tokens, paid, why && String(why).slice(0, 200));
}
const trouble = ({ detail, retry }) => h('div.card.trouble', { role: 'alert' },
  words('p.clamp.bad', detail), retry && button('Try again', retry));

const staying = (old, node) => Object.assign(node, { open: old?.open ?? false });
const reasoning = (part, old) => staying(old, folded('tool', h('b', 'Thinking'), words('pre', part.text)));
const ENDS = { 'output-available': 'done', 'output-error': 'failed', 'output-denied': 'denied' };
/** Whether the call that asked for a draft has ended: its line says what that did cost. */
const isOver = ({ id }, parts) => parts.some((one) => ENDS[one.state] && id === `planning-${one.toolCallId}`);
const drafting = ({ model, most_usd: most }) =>
  note('Planning with ', words('span', model), ` costs at most ${usd(most)} a try`);
/** One line that opens to what went in and what came out. */
function tool(part, old) {
  const name = part.type.slice('tool-'.length);
  const phrase = Object.hasOwn(DOING, name) ? DOING[name] : name.replaceAll('_', ' ');
  const state = ENDS[part.state] ?? 'doing';
  const ended = state === 'failed' ? dots(phrase, part.errorText ?? 'failed') : part.output?.summary;
  const [first, ...rest] = String(ended ?? phrase).split(' · ');
  const line = h('span.clamp.words', { dir: 'auto' }, h('b', first), rest.map((each) => ` · ${each}`));
  const mark = h(`span.mark.${state}`, { role: 'img', 'aria-label': state });
  const paper = (label, value) => value !== undefined
    && [note(label), h('pre', { tabindex: 0, dir: 'auto' }, JSON.stringify(value, null, 2))];
  return staying(old, folded('tool', [mark, line], paper('Input', part.input), paper('Output', part.output)));
}
function estimate({ rows, refused }) {
  const [first] = rows;
  const isNew = (word) => !word.startsWith('$'); // the columns tell the amounts
  const facts = ({ provider, resolution, differs, ready }) =>
    dots(vendor(provider), resolution, ...(differs ?? []).filter(isNew), !ready && 'not set up here');
  const row = (each) => [each.ready ? '' : 'unready',
    [h('span.what', words('b.clamp', each.model), playBadge(each.play_money)),
      words('span.note.clamp', facts(each))], usd(each.expected_usd), usd(each.ceiling_usd)];
  const why = (each) => words('p.note.clamp', `${each.model} by ${vendor(each.provider)}: ${each.why}`);
  const heads = [first ? `${first.seconds} s on` : 'Nobody can', 'Expected', 'At most'];
  return h('section.card.estimate', { 'aria-label': 'Estimate' },
    table('Prices', heads, rows.map(row)),
    first && note(`Prices of ${day(first.price_as_of)} · an estimate is free and binds nobody`),
    refused?.length > 0 && folded('exact', `${refused.length} cannot do it`, refused.map(why)));
}
function empty(act) {
  const placeholder = '../another-repository';
  const path = h('input', { required: true, maxlength: 400, pattern: '\\S+', placeholder });
  const film = () => { // with a slash, so that the crew takes it for a path
    const place = path.value.includes('/') ? path.value : `./${path.value}`;
    act.send(`Make a silent film about the repository at ${place}`);
  };
  const brief = ([said, what]) => button([h('b', said), h('span.note', what)], () => act.send(said), 'brief');
  return h('div.empty', h('h2', 'What shall we film?'),
    note('You talk, a crew plans, prices and draws. Nothing is spent until you approve an amount.'),
    h('div.briefs', BRIEFS.map(brief)),
    folded('note', 'Or another repository on this machine',
      form('asks', film, h('label', 'Its path', path), submitter('Film it'))));
}
