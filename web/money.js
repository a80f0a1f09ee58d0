// Amounts and times in words, and the one bar that says the same as the words beside it.
import { h } from './dom.js';
/** "$1,234.50" from the server's decimal string: nothing is computed and nothing is rounded here. */
export function usd(amount) {
  const [, sign, whole, cents] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount)) ?? [];
  if (whole === undefined) return '—';
  return `${sign}$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${(cents ?? '').padEnd(2, '0')}`;
}
const VENDORS = { openrouter: 'OpenRouter', runway: 'Runway', google: 'Google', rehearsal: 'Rehearsal',
  openai_videos: 'your video server', animatic: 'Animatic' };
export const vendor = (provider) => (Object.hasOwn(VENDORS, provider) ? VENDORS[provider] : provider);

let ahead = 0; // milliseconds the server's clock is ahead of this one
export const setClock = (header) => { if (header) ahead = Date.parse(header) - Date.now(); };
export const now = () => Date.now() + ahead;
/** "4:07" or "1:02:03", up to a day. */
export const clock = (milliseconds) => new Date(Math.min(Math.max(0, milliseconds), 86_399_000))
  .toISOString().slice(11, 19).replace(/^(00:0?|0)/, '');
const say = (options) => (stamp) => (stamp ? new Date(stamp).toLocaleString('en-GB', options) : '');
export const day = say({ day: 'numeric', month: 'long', timeZone: 'UTC' });
export const moment = say({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
export const month = (period) => say({ month: 'long', timeZone: 'UTC' })(period && `${period}-01T00:00:00Z`);
/** One bar: `parts` is [kind, amount] pairs from the left. Widths are the only sums made here. */
export function bar(limit, parts, label) {
  const node = h('span.bar', { role: 'img', 'aria-label': label }, parts.map(([kind]) => h(`span.${kind}`)));
  const width = ([, amount]) => `${Math.min(100, (100 * amount) / (limit || 1))}%`;
  for (const [n, part] of parts.entries()) node.children[n].style.width = width(part);
  return node;
}
export const playBadge = (play) => (play ? h('span.play', 'play money') : null);
