// Around the conversation: the budget above, the list of films beside, the offer that waits out of sight.
import { h, reconcile, words } from './dom.js';
import { bar, moment, month, playBadge, usd } from './money.js';
import { approveLabel, cardOf, purseOf } from './slate.js';
import { post } from './wire.js';

const $ = (id) => document.getElementById(id);
export function drawTop(see, offer) {
  reconcile($('purses'), [
    ['real', [see.budget], () => purse(see.budget, month(see.budget?.period))],
    see.toy && ['toy', [see.budget], () => purse(see.budget?.play, null)],
  ]);
  reconcile($('chats'), see.chats.map((chat) => [chat.id, [chat, chat.id === see.id], () => entry(chat, see.id)]));
  $('send').textContent = see.editing ? 'Say this instead' : 'Send';
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
/** The server asks who is there. The token goes into a cookie that no script reads. */
export function signIn(dialog) {
  if (dialog.open) return;
  const token = h('input', { type: 'password', required: true, maxlength: 400, autocomplete: 'current-password' });
  const told = h('p', { class: 'note bad', role: 'alert' });
  const submit = async (event) => {
    event.preventDefault();
    const refused = await post('/api/session', { token: token.value }).then(() => location.reload(), (error) => error);
    if (refused) told.textContent = refused.status === 401 ? 'Nobody here has this token.' : refused.message;
  };
  dialog.replaceChildren(h('form', { class: 'sheet', submit }, h('h2', {}, 'Sign in'),
    h('label', {}, 'Your token', token), told, h('button', { class: 'plain', type: 'submit' }, 'Sign in')));
  dialog.showModal();
}

const lookout = new IntersectionObserver(([seen]) => { $('waiting').hidden = seen.isIntersecting; }, { root: $('scroll') });
let watched = null;
/** While an offer waits out of sight, its amount stays in sight above the brief. */
function watch(offer) {
  const amount = offer && cardOf(offer.id)?.querySelector('.amount');
  if (amount === watched) return;
  lookout.disconnect();
  [watched, $('waiting').hidden] = [amount, true];
  if (!amount) return;
  lookout.observe(amount);
  $('waiting').replaceChildren('An offer waits for you', h('b', {}, `at most ${usd(offer.ceiling_usd)}${purseOf(offer)}`));
  $('waiting').onclick = () => cardOf(offer.id).querySelector('.approve').focus();
}
