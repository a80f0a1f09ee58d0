// Amounts and times in words, and the one bar that says the same as the words beside it.
import { h } from './dom.js';

/** "$1,234.50" from the server's decimal string: nothing is computed and nothing is rounded here. */
export function usd(amount) {
  const [, sign, whole, cents] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount)) ?? [];
  if (whole === undefined) return '—';
  return `${sign}$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${(cents ?? '').padEnd(2, '0')}`;
}

const VENDORS = {
  openrouter: 'OpenRouter', fal: 'fal', runway: 'Runway', google: 'Google',
  openai_videos: 'your video server', rehearsal: 'Rehearsal', animatic: 'Animatic',
};
export const vendor = (provider) => (Object.hasOwn(VENDORS, provider) ? VENDORS[provider] : provider);

let ahead = 0; // milliseconds the server's clock is ahead of this one
export const setClock = (header) => { if (header) ahead = Date.parse(header) - Date.now(); };
export const now = () => Date.now() + ahead;

export function clock(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const tail = `${String(minutes % 60).padStart(minutes >= 60 ? 2 : 1, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${tail}` : tail;
}

const say = (options) => (stamp) => (stamp ? new Date(stamp).toLocaleString('en-GB', options) : '');
export const day = say({ day: 'numeric', month: 'long', timeZone: 'UTC' });
export const moment = say({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
export const month = (period) => say({ month: 'long', timeZone: 'UTC' })(period && `${period}-01T00:00:00Z`);

/** One bar: `parts` is [kind, amount] pairs from the left. Widths are the only sums made here. */
export function bar(limit, parts, label) {
  const segments = parts.map(([kind, amount]) => {
    const segment = h('span', { class: kind });
    segment.style.width = `${Math.min(100, (100 * Number(amount)) / (Number(limit) || 1))}%`;
    return segment;
  });
  return h('span', { class: 'bar', role: 'img', 'aria-label': label }, segments);
}

export const playBadge = (play) => (play ? h('span', { class: 'play' }, 'play money') : null);
