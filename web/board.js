// The storyboard: a strip of shots. Each opens to its free preview and, in the newest plan, to changes.
import { button, folded, h, note, own, words } from './dom.js';

export function storyboard(plan, clips, open, old) {
  const strip = h('ol', { class: 'strip', 'aria-label': `Storyboard: ${plan.shots.length} shots, ${plan.seconds} s` },
    plan.shots.map((shot, n) => h('li', {}, frame(shot, n + 1, clips[n], () => open(shot, n + 1, clips[n])))));
  if (old) requestAnimationFrame(() => { strip.scrollLeft = old.dataset.at ?? 0; });
  strip.addEventListener('scroll', () => { strip.dataset.at = strip.scrollLeft; }, { passive: true });
  strip.dataset.at = old?.dataset.at ?? 0;
  return strip;
}

function frame(shot, n, clip, click) {
  const place = shot.evidence?.[0];
  const poster = own(clip?.poster_url);
  return h('button', { class: 'frame', type: 'button', click },
    h('span', { class: 'still' }, poster && h('img', { src: poster, alt: '', loading: 'lazy' }),
      h('span', { class: 'unseen' }, 'Shot '), h('span', { class: 'number' }, String(n)),
      h('span', { class: 'length' }, `${shot.duration} s`)),
    words('span', 'clamp sentence', shot.caption || shot.enhanced_prompt),
    place && h('span', { class: 'place' }, words('code', '', `${place.path}:${place.line}`)));
}
/** One shot in the page's dialog. `say` takes a change in words, as a person would type it; null for old plans. */
export function sheet(dialog, { shot, n, last, clip, say }) {
  const address = own(clip?.clip_url);
  const film = { controls: true, autoplay: true, loop: true, playsinline: true, src: address, poster: own(clip?.poster_url) };
  dialog.replaceChildren(
    h('header', {}, h('h2', {}, `Shot ${n}`), note(address ? 'free preview' : 'no preview yet'),
      button('Close', () => dialog.close(), 'quiet', { autofocus: true })),
    address ? h('video', film) : '',
    say ? changes(shot, n, last, (...lines) => { dialog.close(); if (lines.length > 0) say(lines.join('\n')); }) : '',
    folded('exact', 'Exactly what is asked for', words('p', 'long note', shot.enhanced_prompt)),
    h('ul', { class: 'places' }, (shot.evidence ?? []).map((at) => h('li', {}, words('code', '', `${at.path}:${at.line}`)))));
  dialog.showModal();
}

function changes(shot, n, last, tell) {
  const before = shot.caption || shot.enhanced_prompt;
  const seen = h('textarea', { rows: 2, maxlength: 500, dir: 'auto', required: true }, before);
  const seconds = h('input', { type: 'number', min: 1, max: 60, required: true, value: shot.duration });
  const submit = (event) => {
    event.preventDefault();
    const now = seen.value.trim().replace(/\s+/g, ' ');
    tell(...[now !== before && `Change shot ${n} to: ${now}`,
      Number(seconds.value) !== shot.duration && `Make shot ${n} ${seconds.value} seconds`].filter(Boolean));
  };
  return h('form', { class: 'sheet', submit },
    h('label', {}, 'What is seen', seen), h('label', {}, 'Seconds', seconds),
    h('div', { class: 'buttons' }, h('button', { class: 'plain', type: 'submit' }, 'Change it'),
      button('Earlier', () => tell(`Move shot ${n} to ${n - 1}`), 'quiet', { disabled: n === 1 }),
      button('Later', () => tell(`Move shot ${n} to ${n + 1}`), 'quiet', { disabled: n === last }),
      button('Remove', () => tell(`Remove shot ${n}`), 'quiet', { disabled: last === 1 })));
}
