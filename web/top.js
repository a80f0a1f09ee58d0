// Around the conversation: the budget above, the list of films beside, the offer that waits out of sight.
import { bare } from './brief.js';
import { $, button, dots, form, h, note, reconcile, submitter, words } from './dom.js';
import { bar, moment, month, playBadge, usd } from './money.js';
import { approveLabel, cardOf, purseOf } from './slate.js';
import { post } from './wire.js';
export function drawTop(see, offer, toy) {
  const { budget, chats, who, act } = see;
  reconcile($('purses'), [
    budget && ['real', [budget], () => purse(budget, month(budget.period))],
    budget && toy && ['toy', [budget], () => purse(budget.play, null)],
  ]);
  reconcile($('chats'), chats.map((chat) => [chat.id, [chat, see.id], () => entry(chat, see.id)]));
  reconcile($('who'), [who?.signed_in && ['who', [who], () => person(who, act)]]);
  $('send').textContent = see.editing ? 'Say this instead' : 'Send';
  $('brief').placeholder = see.messages[0] ? 'Change a shot, ask for a cheaper plan…' : 'Say what to film…';
  const name = bare(chats.find((chat) => chat.id === see.id)?.title);
  const badge = offer ? `● ${approveLabel(offer)}` : see.running ? '… working' : see.ready && '✓ Film ready';
  document.title = dots(badge, name, 'Greenlight');
  watch(offer);
}
function purse(budget, name) {
  const told = `${usd(budget.spent_usd)} spent · ${usd(budget.held_usd)} held · `;
  const left = `${usd(budget.headroom_usd)} left`;
  const parts = [['spent', budget.spent_usd], ['held', budget.held_usd]];
  return h(name ? 'span.purse' : 'span.purse.toy', name ? h('span', name) : playBadge(true),
    bar(budget.limit_usd, parts, `${name ?? 'Play money'}: ${told}${left}`),
    h('span', h('span.wide', told), h('b', left)));
}
function entry(chat, open) {
  const state = { waiting: 'waiting for you', running: 'at work' }[chat.state] ?? moment(chat.updated_at);
  const told = [words('b.clamp', bare(chat.title) || 'New film'), h('span.note', state)];
  const go = () => { $('rail').hidePopover(); location.hash = chat.id; };
  return button(told, go, `chat.${chat.state}`, { 'aria-current': chat.id === open ? 'page' : null });
}
const person = ({ name, role }, act) =>
  note('Signed in as ', words('b', name), `, ${role} `, button('Sign out', act.signOut, 'quiet'));
const STRANGER = 'Nobody here has this token.';
/** The server asks who is there. The token goes into a cookie that no script reads. */
export function signIn() {
  if ($('dialog').open) return;
  const token = h('input', { type: 'password', required: true, maxlength: 400 });
  token.autocomplete = 'current-password';
  const told = h('p.note.bad', { role: 'alert' });
  const refuse = (error) => { told.textContent = error.status === 401 ? STRANGER : error.message; };
  const submit = () => post('/api/session', { token: token.value }).then(() => location.reload(), refuse);
  $('dialog').replaceChildren(
    form('sheet', submit, h('h2', 'Sign in'), h('label', 'Your token', token), told, submitter('Sign in')));
  $('dialog').showModal();
}
const look = ([amount]) => { $('waiting').hidden = amount.isIntersecting; };
const lookout = new IntersectionObserver(look, { root: $('scroll') });
let watched = null;
/** While an offer waits out of sight, its amount stays in sight above the brief. */
function watch(offer) {
  const amount = offer && cardOf(offer.id)?.querySelector('.amount');
  if (amount === watched) return;
  lookout.disconnect();
  [watched, $('waiting').hidden] = [amount, true];
  if (!amount) return;
  lookout.observe(amount);
  const most = h('b', `at most ${usd(offer.ceiling_usd)}${purseOf(offer)}`);
  $('waiting').replaceChildren('An offer waits for you', most);
  $('waiting').onclick = () => cardOf(offer.id).querySelector('.approve').focus();
}
