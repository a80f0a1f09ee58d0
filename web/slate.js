// The approval card. Every amount on it comes from the server's quote, never from text.
import { h, reconcile, words } from './dom.js';
import { bar, day, moment, month, now, playBadge, usd, vendor } from './money.js';

const ARMED_AFTER = 400; // ms: a key meant for the brief must not approve anything

export const seconds = (lines) => lines.reduce((sum, line) => sum + line.seconds, 0);
const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;
const purse = (quote) => (quote.play_money ? ' of play money' : '');
export const approveLabel = (quote) => `Approve up to ${usd(quote.ceiling_usd)}${purse(quote)}`;

/** The state a person sees: an offer runs out here at the same second as on the server. */
export function stateOf(quote) {
  return quote.state === 'issued' && Date.parse(quote.expires_at) <= now() ? 'expired' : quote.state;
}

/** `ctx`: {budget, receipt, deciding, act}; `old` is this quote's card as it stands. */
export function slate(quote, ctx, old) {
  const state = stateOf(quote);
  const node = old ?? h('section', { class: 'slate', id: `slate-${quote.id}`, tabindex: -1 });
  node.dataset.state = state;
  node.setAttribute('aria-label', `Offer: at most ${usd(quote.ceiling_usd)}${purse(quote)}`);
  const { budget, receipt, deciding, act } = ctx;
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
  const title = `${count(quote.lines.length, 'shot')}, ${seconds(quote.lines)} s, ${quote.resolution}${sound} on `;
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
    h('td', {}, words('span', 'clamp', line.caption || line.prompt), line.reused_clip_id && ' · you already have this clip'),
    h('td', { class: 'figure' }, String(line.seconds)),
    h('td', { class: 'figure' }, usd(line.ceiling_usd))));
  return h('div', { class: 'lines', tabindex: rows.length > 6 ? 0 : null, role: 'group', 'aria-label': 'Shots and amounts' },
    h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Shot'), h('th', {}),
        h('th', { scope: 'col', class: 'figure' }, 'Seconds'), h('th', { scope: 'col', class: 'figure' }, 'At most'))),
      h('tbody', {}, rows)));
}

function sum(quote, state, budget) {
  const pays = { issued: 'You pay at most', approved: 'You pay at most' }[state] ?? 'It would have been at most';
  const note = `expected ${usd(quote.expected_usd)}${quote.play_money ? ' · play money, nothing real is spent' : ''}`;
  return h('div', { class: 'sum' },
    h('div', {}, h('p', { class: 'note' }, pays), h('p', { class: 'amount', dir: 'ltr' }, usd(quote.ceiling_usd)),
      h('p', { class: 'note' }, note)),
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
  const left = short
    ? `more than the ${usd(quote.headroom_before_usd)} that is left`
    : `${usd(quote.headroom_after_usd)} of ${usd(limit)} left · ${usd(quote.headroom_before_usd)} before`;
  return h('div', { class: 'after' }, h('p', { class: 'note' }, `${name} after this`),
    bar(limit, [...taken, [short ? 'over' : 'asked', quote.ceiling_usd]], `${name} after this: ${left}`),
    h('p', { class: short ? 'note bad' : 'note' }, left));
}

function doors(quote, state, deciding, act) {
  const source = h('p', { class: 'note source' }, `Price of ${day(quote.price_as_of)}`,
    state === 'issued' && [' · expires in ', h('span', { class: 'left', 'data-expires': quote.expires_at })]);
  const exact = h('details', { class: 'exact' }, h('summary', {}, 'Exactly what is sent'),
    quote.lines.map((line) => h('p', { class: 'note' }, `${line.n}. ${usd(line.unit_usd)} a unit · `, words('span', '', line.prompt))),
    h('p', { class: 'note' }, 'Price from ', words('span', '', quote.price_source), ' · ', h('code', {}, quote.digest)));
  return h('div', { class: 'doors' }, buttons(quote, state, deciding, act), source, exact);
}

function buttons(quote, state, deciding, act) {
  if (state === 'expired') return h('button', { class: 'plain', type: 'button', click: () => act.askAgain() }, 'Ask again');
  if (state === 'superseded') {
    return h('button', { class: 'plain', type: 'button', click: () => act.show(quote.superseded_by) }, 'See the new offer');
  }
  if (state !== 'issued') return null;
  const approve = h('button', { class: 'approve', type: 'button', 'aria-disabled': deciding ? 'true' : null,
    click: () => approve.ariaDisabled === 'true' || act.decide(quote, true) }, approveLabel(quote));
  approve.addEventListener('arm', () => arm(approve));
  const form = declineForm(quote, act);
  const decline = h('button', { class: 'plain', type: 'button', disabled: deciding, click: () => form.open(true) }, 'Decline…');
  return h('div', { class: 'buttons' }, approve, decline, form.node);
}

function arm(button) {
  button.ariaDisabled = 'true';
  setTimeout(() => { button.ariaDisabled = null; }, ARMED_AFTER);
}

function declineForm(quote, act) {
  const reason = h('input', { type: 'text', maxlength: 500, dir: 'auto', placeholder: 'Too dark, too dear, too long…',
    'aria-label': 'Why not? (may stay empty)' });
  const node = h('form', { class: 'decline', hidden: true,
    submit: (event) => { event.preventDefault(); act.decide(quote, false, reason.value.trim()); },
    keydown: (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      open(false);
    } },
  reason, h('button', { class: 'plain', type: 'submit' }, 'Decline'));
  const open = (wanted) => {
    node.hidden = !wanted;
    (wanted ? reason : node.parentNode.querySelector('.approve')).focus();
  };
  return { node, open };
}
