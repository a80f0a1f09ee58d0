// Around the conversation: the budget above, the list of films beside, the offer that waits out of sight.
import { h, reconcile, words } from './dom.js';
import { bar, moment, month, playBadge, usd } from './money.js';
import { approveLabel, cardOf, purseOf } from './slate.js';

const $ = (id) => document.getElementById(id);

export function drawTop(see, offer) {
  reconcile($('purses'), [
    { key: 'real', inputs: [see.budget], make: () => purse(see.budget, month(see.budget?.period)) },
    see.toy && { key: 'toy', inputs: [see.budget], make: () => purse(see.budget?.play, null) },
  ].filter(Boolean));
  reconcile($('chats'), see.chats.map((chat) => ({ key: chat.id, inputs: [chat, chat.id === see.id], make: () => entry(chat, see.id) })));
  $('brief').placeholder = see.messages.length ? 'Change a shot, ask for a cheaper plan…' : 'Say what to film…';
  watch(offer);
}

export function drawTitle(see, offer) {
  const name = see.chats.find((chat) => chat.id === see.id)?.title;
  const badge = offer ? `● ${approveLabel(offer)}` : see.running ? '… working' : see.ready && '✓ Film ready';
  document.title = [badge, name, 'Greenlight'].filter(Boolean).join(' · ');
}

function purse(budget, name) {
  if (!budget) return h('span');
  const told = `${usd(budget.spent_usd)} spent · ${usd(budget.held_usd)} held · `;
  const left = `${usd(budget.headroom_usd)} left`;
  return h('span', { class: name ? 'purse' : 'purse toy' }, name ? h('span', {}, name) : playBadge(true),
    bar(budget.limit_usd, [['spent', budget.spent_usd], ['held', budget.held_usd]], `${name ?? 'Play money'}: ${told}${left}`),
    h('span', {}, h('span', { class: 'wide' }, told), h('b', {}, left)));
}

function entry(chat, open) {
  const state = { waiting: 'waiting for you', running: 'at work' }[chat.state] ?? moment(chat.updated_at);
  return h('button', { class: `chat ${chat.state}`, type: 'button', 'aria-current': chat.id === open ? 'page' : null,
    click: () => { $('rail').hidePopover(); location.hash = chat.id; } },
  words('b', 'clamp', chat.title || 'New film'), h('span', { class: 'note' }, state));
}

const lookout = new IntersectionObserver(([seen]) => { $('waiting').hidden = seen.isIntersecting; }, { root: $('scroll') });
let watched = null;

/** While an offer waits out of sight, its amount stays in sight above the brief. */
function watch(offer) {
  const amount = offer && cardOf(offer.id)?.querySelector('.amount');
  if (amount === watched) return;
  lookout.disconnect();
  watched = amount;
  $('waiting').hidden = true;
  if (!amount) return;
  lookout.observe(amount);
  $('waiting').replaceChildren('An offer waits for you', h('b', {}, `at most ${usd(offer.ceiling_usd)}${purseOf(offer)}`));
  $('waiting').onclick = () => cardOf(offer.id).querySelector('.approve').focus();
}
