// The approval card. Every amount on it comes from the server's quote, never from text.
import { button, dots, folded, form, h, note, reconcile, submitter, table, words } from './dom.js';
import { bar, clock, day, moment, month, now, playBadge, usd, vendor } from './money.js';
const ARMED_AFTER_MS = 400;
export const purseOf = (quote) => (quote.play_money ? ' of play money' : '');
export const cardOf = (id) => document.getElementById(`slate-${id}`);
export const approveLabel = (quote) => `Approve up to ${usd(quote.ceiling_usd)}${purseOf(quote)}`;
const restOf = (quote) => Date.parse(quote.expires_at) - now();
/** The state a person sees: an offer runs out here at the same second as on the server. */
export const stateOf = (quote) => (quote.state === 'issued' && restOf(quote) <= 0 ? 'expired' : quote.state);
/** `old` is this quote's card as it stands: its parts are kept, with what is typed in them. */
export function slate(quote, { budget, receipt, running, act }, old) {
  const state = stateOf(quote);
  const label = `Offer: at most ${usd(quote.ceiling_usd)}${purseOf(quote)}`;
  const node = old ?? h('section.slate', { id: `slate-${quote.id}`, tabindex: -1, 'aria-label': label });
  node.dataset.state = state;
  reconcile(node, [
    ['head', [quote, state, receipt], () => head(quote, state, receipt)],
    ['lines', [quote.digest], () => shots(quote)],
    ['sum', [quote, state, budget], () => sum(quote, state, budget)],
    ['doors', [state, state === 'issued' && running], () => doors(quote, state, running, act)],
  ]);
  return node;
}
const made = (line) => !line.reused_clip_id;
/** The lines that an offer is for: those with a price, also where a clip is there. The others stay. */
const chosen = (quote) => quote.lines.filter((line) => Number(line.unit_usd) > 0);
function head(quote, state, receipt) {
  const { lines, resolution, model, provider, reason, play_money: play } = quote;
  const asked = lines.some(made) ? lines.filter(made) : chosen(quote); // these are to be paid for
  const noun = asked.every((line) => line.kind === 'image') ? 'still picture' : 'shot';
  const seconds = asked.reduce((sum, line) => sum + line.seconds, 0);
  const sound = asked.some((line) => line.audio) ? ' with sound' : '';
  const count = `${asked.length < lines.length ? `${asked.length} of ` : ''}${lines.length}`;
  return h('header', h('p.kicker', words('span.clamp', kicker(reason, state, receipt)), playBadge(play)),
    h('h2.clamp', `${count} ${noun}${lines.length > 1 ? 's' : ''}, ${seconds} s, ${resolution}${sound} on `,
      words('span', model), ' by ', words('span', vendor(provider))));
}
function kicker(reason, state, receipt) {
  const by = receipt?.approved_by === 'local' ? 'you' : receipt?.approved_by;
  if (state === 'issued') return 'Quote · waiting for your approval';
  if (state === 'approved') return by ? `Approved by ${by} · ${moment(receipt.approved_at)}` : 'Approved';
  if (state === 'declined') return `Declined · ${reason || 'nothing is spent'}`;
  return `${state === 'expired' ? 'Expired' : 'Replaced by a newer offer'} · nothing is spent`;
}
function shots({ lines }) {
  const row = ({ reused_clip_id: clip, ...line }) => [clip ? 'owned' : '', String(line.n),
    [words('span.clamp', line.caption || line.prompt), clip && h('span.note', line.model === 'animatic'
      ? 'drawn here, free' : 'you already have this clip')], `${line.seconds} s`, usd(line.ceiling_usd)];
  return table('Shots and amounts', ['Shot', '', 'Length', 'At most'], lines.map(row));
}
function sum(quote, state, budget) {
  const toy = quote.play_money && 'play money, nothing real is spent';
  const told = dots(`expected ${usd(quote.expected_usd)}`, toy,
    quote.past_error?.words, ...(quote.notes ?? []), quote.price_warning);
  const pays = ['issued', 'approved'].includes(state) ? 'You pay at most' : 'It would have been at most';
  const amount = h('p.amount', { dir: 'ltr' }, usd(quote.ceiling_usd));
  return h('div.sum', h('div', note(pays), amount, note(told)), state === 'issued' && after(quote, budget));
}
/** The budget before and after. A tighter budget than the month's is drawn alone, by its headroom. */
function after(quote, budget) {
  const { headroom_before_usd: before, headroom_after_usd: rest } = quote;
  const purse = quote.play_money ? budget?.play : budget;
  const name = `${quote.play_money ? 'Play money' : month(budget?.period) || 'Budget'} after this`;
  const whole = purse && Number(purse.limit_usd) - purse.spent_usd - purse.held_usd <= Number(before) + 1e-6;
  const [limit, ...taken] = whole
    ? [purse.limit_usd, ['spent', purse.spent_usd], ['held', purse.held_usd]] : [before];
  const short = rest.startsWith('-');
  const parts = [...taken, [short ? 'over' : 'asked', quote.ceiling_usd]];
  const enough = `${usd(rest)} of ${usd(limit)} left, ${usd(before)} now`;
  const left = h(short ? 'p.note.bad' : 'p.note', short ? `more than the ${usd(before)} left` : enough);
  return h('div.after', note(name), bar(limit, parts, `${name}: ${left.textContent}`), left);
}
function doors(quote, state, running, act) {
  const ends = h('span.expires', { 'data-at': Date.parse(quote.expires_at) }, clock(restOf(quote)));
  const sent = (line) => note(`${line.n}. ${usd(line.unit_usd)} a unit · `, words('span', line.prompt));
  const read = note('Price from ', words('span', quote.price_source), ' · ', h('code', quote.digest));
  return h('div.doors', buttons(quote, state, running, act),
    h('p.note.source', `Price of ${day(quote.price_as_of)}`, state === 'issued' && [' · expires in ', ends]),
    folded('exact', 'Exactly what is sent', quote.lines.filter(made).map(sent), read));
}
function buttons(quote, state, running, act) {
  const newer = state === 'superseded' && quote.superseded_by;
  if (newer) return button('See the new offer', () => cardOf(newer)?.focus());
  if (state === 'expired') return button('Ask again', () => act.send(again(quote, chosen(quote))));
  return state === 'issued' && answers(quote, running, act);
}
/** The same wish in words: for the same shots, with the same maker. */
function again({ lines, provider, model, resolution }, asked) {
  const [{ kind, audio }, ...more] = asked;
  const named = `shot${more.length ? 's' : ''} ${asked.map((line) => line.n).join(', ')}`;
  const wish = `Render ${asked.length < lines.length ? named : 'it'} with ${provider} ${model}`;
  const how = `${kind === 'image' ? ' as stills' : ''} in ${resolution}${audio ? ' with sound' : ''}`;
  return `${wish}${how}: the last offer ran out, make me a new one.`;
}
function answers(quote, disabled, act) {
  const yes = ({ currentTarget }) => currentTarget.ariaDisabled === 'true' || act.decide(quote, true);
  const approve = button(approveLabel(quote), yes, 'approve', { 'aria-disabled': disabled ? 'true' : null });
  const reason = h('input', { maxlength: 500, dir: 'auto', placeholder: 'Too dark, too dear, too long…',
    'aria-label': 'Why not? (may stay empty)' });
  const no = form('asks', () => act.decide(quote, false, reason.value.trim()), reason, submitter('Decline'));
  const ask = (wanted) => { no.hidden = !wanted; (wanted ? reason : approve).focus(); };
  no.hidden = true;
  no.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { event.stopPropagation(); ask(false); }
  });
  return h('div.buttons', approve, button('Decline…', () => ask(true), 'plain', { disabled }), no);
}
/** Put the approval under the person's hand, armed a moment later: a key on its way presses nothing. */
export function hand(id) {
  const approve = cardOf(id).querySelector('.approve');
  approve.ariaDisabled = 'true';
  setTimeout(() => { approve.ariaDisabled = null; }, ARMED_AFTER_MS);
  approve.focus({ preventScroll: true });
  approve.scrollIntoView({ block: 'nearest' });
}
