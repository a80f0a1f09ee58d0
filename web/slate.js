// The approval card. Every amount on it comes from the server's quote, never from text.
import { h, reconcile, table, words } from './dom.js';
import { bar, clock, day, moment, month, now, playBadge, usd, vendor } from './money.js';

const ARMED_AFTER = 400; // ms

export const seconds = (lines) => lines.reduce((sum, line) => sum + line.seconds, 0);
const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;
export const purseOf = (quote) => (quote.play_money ? ' of play money' : '');
export const cardOf = (id) => document.getElementById(`slate-${id}`);
export const approveLabel = (quote) => `Approve up to ${usd(quote.ceiling_usd)}${purseOf(quote)}`;

/** The state a person sees: an offer runs out here at the same second as on the server. */
export function stateOf(quote) {
  return quote.state === 'issued' && Date.parse(quote.expires_at) <= now() ? 'expired' : quote.state;
}

/** `old` is this quote's card as it stands: its parts are kept, with what is typed in them. */
export function slate(quote, { budget, receipt, deciding, act }, old) {
  const state = stateOf(quote);
  const node = old ?? h('section', { class: 'slate', id: `slate-${quote.id}`, tabindex: -1 });
  node.dataset.state = state;
  node.classList.toggle('past', !['issued', 'approved'].includes(state));
  node.setAttribute('aria-label', `Offer: at most ${usd(quote.ceiling_usd)}${purseOf(quote)}`);
  reconcile(node, [
    { key: 'head', inputs: [quote, state, receipt], make: () => head(quote, state, receipt) },
    { key: 'lines', inputs: [quote.digest], make: () => lines(quote) },
    { key: 'sum', inputs: [quote, state, budget], make: () => sum(quote, state, budget) },
    { key: 'doors', inputs: [quote.id, state, deciding], make: () => doors(quote, state, deciding, act) },
  ]);
  return node;
}

function head(quote, state, receipt) {
  const sound = quote.lines.some((line) => line.audio) ? ' with sound' : '';
  const still = quote.lines.every((line) => line.kind === 'image');
  const title = `${count(quote.lines.length, still ? 'still picture' : 'shot')}, ${seconds(quote.lines)} s, ${quote.resolution}${sound} on `;
  return h('header', {},
    h('p', { class: 'kicker' }, words('span', 'clamp', kicker(quote, state, receipt)), playBadge(quote.play_money)),
    h('h2', { class: 'clamp' }, title, words('span', '', quote.model), ' by ', words('span', '', vendor(quote.provider))));
}

function kicker(quote, state, receipt) {
  switch (state) {
    case 'issued': return 'Quote · waiting for your approval';
    case 'approved': return receipt?.approved_by
      ? `Approved by ${receipt.approved_by === 'local' ? 'you' : receipt.approved_by} · ${moment(receipt.approved_at)}`
      : 'Approved';
    case 'declined': return quote.reason ? `Declined · ${quote.reason}` : 'Declined · nothing is spent';
    case 'expired': return 'Expired · nothing is spent';
    default: return 'Replaced by a newer offer · nothing is spent';
  }
}

function lines(quote) {
  const rows = quote.lines.map((line) => h('tr', { class: line.reused_clip_id ? 'owned' : '' },
    h('td', {}, String(line.n)),
    h('td', {}, words('span', 'clamp', line.caption || line.prompt), line.reused_clip_id && h('span', { class: 'note' }, 'you already have this clip')),
    h('td', { class: 'figure' }, `${line.seconds} s`),
    h('td', { class: 'figure' }, usd(line.ceiling_usd))));
  return h('div', { class: 'lines', tabindex: rows.length > 6 ? 0 : null, role: 'group', 'aria-label': 'Shots and amounts' },
    table(['Shot', '', 'Length', 'At most'], rows));
}

function sum(quote, state, budget) {
  const pays = ['issued', 'approved'].includes(state) ? 'You pay at most' : 'It would have been at most';
  const note = [`expected ${usd(quote.expected_usd)}`, quote.play_money && 'play money, nothing real is spent', quote.past_error?.words, ...(quote.notes ?? []), quote.price_warning];
  return h('div', { class: 'sum' },
    h('div', {}, h('p', { class: 'note' }, pays), h('p', { class: 'amount', dir: 'ltr' }, usd(quote.ceiling_usd)),
      h('p', { class: 'note' }, note.filter(Boolean).join(' · '))),
    state === 'issued' && after(quote, budget));
}

/** The budget before and after. A tighter budget than the month's is drawn alone, by its headroom. */
function after(quote, budget) {
  const purse = quote.play_money ? budget?.play : budget;
  const name = quote.play_money ? 'Play money' : month(budget?.period) || 'Budget';
  const short = quote.headroom_after_usd.startsWith('-');
  const whole = purse && Number(purse.limit_usd) - purse.spent_usd - purse.held_usd <= Number(quote.headroom_before_usd) + 1e-6;
  const limit = whole ? purse.limit_usd : quote.headroom_before_usd;
  const taken = whole ? [['spent', purse.spent_usd], ['held', purse.held_usd]] : [];
  const left = short ? `more than the ${usd(quote.headroom_before_usd)} that is left`
    : `${usd(quote.headroom_after_usd)} of ${usd(limit)} left, ${usd(quote.headroom_before_usd)} now`;
  return h('div', { class: 'after' }, h('p', { class: 'note' }, `${name} after this`),
    bar(limit, [...taken, [short ? 'over' : 'asked', quote.ceiling_usd]], `${name} after this: ${left}`),
    h('p', { class: short ? 'note bad' : 'note' }, left));
}

function doors(quote, state, deciding, act) {
  const source = h('p', { class: 'note source' }, `Price of ${day(quote.price_as_of)}`,
    state === 'issued' && [' · expires in ', h('span', { 'data-expires': quote.expires_at }, clock(Date.parse(quote.expires_at) - now()))]);
  const exact = h('details', { class: 'exact' }, h('summary', {}, 'Exactly what is sent'),
    quote.lines.map((line) => h('p', { class: 'note' }, `${line.n}. ${usd(line.unit_usd)} a unit · `, words('span', '', line.prompt))),
    h('p', { class: 'note' }, 'Price from ', words('span', '', quote.price_source), ' · ', h('code', {}, quote.digest)));
  return h('div', { class: 'doors' }, buttons(quote, state, deciding, act), source, exact);
}

function buttons(quote, state, deciding, act) {
  const plain = (label, click) => h('button', { class: 'plain', type: 'button', disabled: deciding, click }, label);
  if (state === 'expired') return plain('Ask again', () => act.send('Render it: the last offer ran out, make me a new one.'));
  if (state === 'superseded') return plain('See the new offer', () => act.show(quote.superseded_by));
  if (state !== 'issued') return null;
  const approve = h('button', { class: 'approve', type: 'button', 'aria-disabled': deciding ? 'true' : null,
    click: () => approve.ariaDisabled === 'true' || act.decide(quote, true) }, approveLabel(quote));
  const form = declineForm(quote, act);
  return h('div', { class: 'buttons' }, approve, plain('Decline…', () => form.open(true)), form.node);
}

/** Put the approval under the person's hand, armed a moment later: a key already on its way presses nothing. */
export function hand(id) {
  const button = cardOf(id).querySelector('.approve');
  button.ariaDisabled = 'true';
  setTimeout(() => { button.ariaDisabled = null; }, ARMED_AFTER);
  button.focus({ preventScroll: true });
  button.scrollIntoView({ block: 'nearest' });
}

function declineForm(quote, act) {
  const reason = h('input', { type: 'text', maxlength: 500, dir: 'auto', placeholder: 'Too dark, too dear, too long…',
    'aria-label': 'Why not? (may stay empty)' });
  const submit = (event) => { event.preventDefault(); act.decide(quote, false, reason.value.trim()); };
  const keydown = (event) => { if (event.key === 'Escape') { event.stopPropagation(); open(false); } };
  const node = h('form', { class: 'decline', hidden: true, submit, keydown }, reason, h('button', { class: 'plain', type: 'submit' }, 'Decline'));
  const open = (wanted) => {
    node.hidden = !wanted;
    (wanted ? reason : node.parentNode.querySelector('.approve')).focus();
  };
  return { node, open };
}
