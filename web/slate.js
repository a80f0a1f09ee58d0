// The approval card. Every amount on it comes from the server's quote, never from text.
import { button, figure, folded, h, lines, note, p, reconcile, table, words } from './dom.js';
import { bar, clock, day, moment, month, now, playBadge, usd, vendor } from './money.js';

const ARMED_AFTER = 400; // ms
const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;
export const purseOf = (quote) => (quote.play_money ? ' of play money' : '');
export const cardOf = (id) => document.getElementById(`slate-${id}`);
export const approveLabel = (quote) => `Approve up to ${usd(quote.ceiling_usd)}${purseOf(quote)}`;
const restOf = (quote) => Date.parse(quote.expires_at) - now();
/** The state a person sees: an offer runs out here at the same second as on the server. */
export const stateOf = (quote) => (quote.state === 'issued' && restOf(quote) <= 0 ? 'expired' : quote.state);
/** `old` is this quote's card as it stands: its parts are kept, with what is typed in them. */
export function slate(quote, { budget, receipt, deciding, act }, old) {
  const state = stateOf(quote);
  const node = old ?? h('section', { class: 'slate', id: `slate-${quote.id}`, tabindex: -1 });
  node.dataset.state = state;
  node.classList.toggle('past', !['issued', 'approved'].includes(state));
  node.setAttribute('aria-label', `Offer: at most ${usd(quote.ceiling_usd)}${purseOf(quote)}`);
  reconcile(node, [
    ['head', [quote, state, receipt], () => head(quote, state, receipt)],
    ['lines', [quote.digest], () => shots(quote)],
    ['sum', [quote, state, budget], () => sum(quote, state, budget)],
    ['doors', [quote.id, state, deciding], () => doors(quote, state, deciding, act)],
  ]);
  return node;
}

function head(quote, state, receipt) {
  const sound = quote.lines.some((line) => line.audio) ? ' with sound' : '';
  const noun = quote.lines.every((line) => line.kind === 'image') ? 'still picture' : 'shot';
  const seconds = quote.lines.reduce((sum, line) => sum + line.seconds, 0);
  const title = `${count(quote.lines.length, noun)}, ${seconds} s, ${quote.resolution}${sound} on `;
  return h('header', {}, p('kicker', words('span', 'clamp', kicker(quote, state, receipt)), playBadge(quote.play_money)),
    h('h2', { class: 'clamp' }, title, words('span', '', quote.model), ' by ', words('span', '', vendor(quote.provider))));
}

function kicker({ reason }, state, receipt) {
  const by = receipt?.approved_by === 'local' ? 'you' : receipt?.approved_by;
  switch (state) {
    case 'issued': return 'Quote · waiting for your approval';
    case 'approved': return by ? `Approved by ${by} · ${moment(receipt.approved_at)}` : 'Approved';
    case 'declined': return `Declined · ${reason || 'nothing is spent'}`;
    case 'expired': return 'Expired · nothing is spent';
    default: return 'Replaced by a newer offer · nothing is spent';
  }
}

function shots(quote) {
  const owned = h('span', { class: 'note' }, 'you already have this clip');
  const rows = quote.lines.map((line) => h('tr', { class: line.reused_clip_id ? 'owned' : '' }, h('td', {}, String(line.n)),
    h('td', {}, words('span', 'clamp', line.caption || line.prompt), line.reused_clip_id && owned.cloneNode(true)),
    figure(`${line.seconds} s`), figure(usd(line.ceiling_usd))));
  return lines('Shots and amounts', rows.length, table(['Shot', '', 'Length', 'At most'], rows));
}

function sum(quote, state, budget) {
  const pays = ['issued', 'approved'].includes(state) ? 'You pay at most' : 'It would have been at most';
  const told = [`expected ${usd(quote.expected_usd)}`, quote.play_money && 'play money, nothing real is spent',
    quote.past_error?.words, ...(quote.notes ?? []), quote.price_warning];
  const amount = h('p', { class: 'amount', dir: 'ltr' }, usd(quote.ceiling_usd));
  return h('div', { class: 'sum' }, h('div', {}, note(pays), amount, note(told.filter(Boolean).join(' · '))),
    state === 'issued' && after(quote, budget));
}
/** The budget before and after. A tighter budget than the month's is drawn alone, by its headroom. */
function after(quote, budget) {
  const { headroom_before_usd: before, headroom_after_usd: rest } = quote;
  const purse = quote.play_money ? budget?.play : budget;
  const name = `${quote.play_money ? 'Play money' : month(budget?.period) || 'Budget'} after this`;
  const short = rest.startsWith('-');
  const whole = purse && Number(purse.limit_usd) - purse.spent_usd - purse.held_usd <= Number(before) + 1e-6;
  const limit = whole ? purse.limit_usd : before;
  const taken = whole ? [['spent', purse.spent_usd], ['held', purse.held_usd]] : [];
  const left = short ? `more than the ${usd(before)} that is left` : `${usd(rest)} of ${usd(limit)} left, ${usd(before)} now`;
  return h('div', { class: 'after' }, note(name),
    bar(limit, [...taken, [short ? 'over' : 'asked', quote.ceiling_usd]], `${name}: ${left}`), p(short ? 'note bad' : 'note', left));
}

function doors(quote, state, deciding, act) {
  const expires = h('span', { 'data-expires': quote.expires_at }, clock(restOf(quote)));
  const source = p('note source', `Price of ${day(quote.price_as_of)}`, state === 'issued' && [' · expires in ', expires]);
  const sent = (line) => note(`${line.n}. ${usd(line.unit_usd)} a unit · `, words('span', '', line.prompt));
  const exact = folded('exact', 'Exactly what is sent', quote.lines.map(sent),
    note('Price from ', words('span', '', quote.price_source), ' · ', h('code', {}, quote.digest)));
  return h('div', { class: 'doors' }, buttons(quote, state, deciding, act), source, exact);
}

function buttons(quote, state, deciding, act) {
  const plain = (label, click) => button(label, click, 'plain', { disabled: deciding });
  const renew = () => act.send('Render it: the last offer ran out, make me a new one.');
  if (state === 'expired') return plain('Ask again', renew);
  if (state === 'superseded') return quote.superseded_by && plain('See the new offer', () => act.show(quote.superseded_by));
  if (state !== 'issued') return null;
  const yes = ({ currentTarget }) => currentTarget.ariaDisabled === 'true' || act.decide(quote, true);
  const approve = button(approveLabel(quote), yes, 'approve', { 'aria-disabled': deciding ? 'true' : null });
  const form = declineForm(quote, act, approve);
  return h('div', { class: 'buttons' }, approve, plain('Decline…', () => form.open(true)), form.node);
}
/** Put the approval under the person's hand, armed a moment later: a key already on its way presses nothing. */
export function hand(id) {
  const approve = cardOf(id).querySelector('.approve');
  approve.ariaDisabled = 'true';
  setTimeout(() => { approve.ariaDisabled = null; }, ARMED_AFTER);
  approve.focus({ preventScroll: true });
  approve.scrollIntoView({ block: 'nearest' });
}

function declineForm(quote, act, approve) {
  const why = { maxlength: 500, dir: 'auto', placeholder: 'Too dark, too dear, too long…', 'aria-label': 'Why not? (may stay empty)' };
  const reason = h('input', why);
  const submit = (event) => { event.preventDefault(); act.decide(quote, false, reason.value.trim()); };
  const keydown = (event) => { if (event.key === 'Escape') { event.stopPropagation(); open(false); } };
  const node = h('form', { class: 'asks', hidden: true, submit, keydown }, reason, h('button', { class: 'plain', type: 'submit' }, 'Decline'));
  const open = (wanted) => { node.hidden = !wanted; (wanted ? reason : approve).focus(); };
  return { node, open };
}
