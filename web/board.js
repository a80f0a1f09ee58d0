// The storyboard: a strip of shots. Each opens to its free preview and, in the newest plan, to changes.
import { thumbs } from './brief.js';
import { $, button, folded, form, h, note, own, reconcile, submitter, words } from './dom.js';
const said = (shot) => shot.caption || shot.enhanced_prompt;
const place = (at) => words('code', `${at.path}:${at.line}`);
const isOurs = (name) => /^sha256:[0-9a-f]{64}$/.test(name); // the page asks no foreign address
const steady = (shot) => thumbs((shot.reference_images ?? []).filter(isOurs));

export function storyboard(plan, clips, open, old) {
  const strip = old ?? h('ol.strip');
  strip.ariaLabel = `Storyboard: ${plan.shots.length} shots, ${plan.seconds} s`;
  const item = (shot, n) => h('li', button(frame(shot, n + 1, clips[n]), () => open(shot, n), 'frame'));
  reconcile(strip, plan.shots.map((shot, n) => [n, [open], () => item(shot, n)]));
  return strip;
}
function frame(shot, n, clip) {
  const poster = own(clip?.poster_url);
  const [where] = shot.evidence ?? [];
  return [
    h('span.still', poster && h('img', { src: poster, alt: '', loading: 'lazy' }), steady(shot),
      h('span.unseen', 'Shot '), h('span.number', String(n)), h('span.length', `${shot.duration} s`)),
    words('span.clamp', said(shot)), where && h('span.place', place(where)),
  ];
}
/** One shot in the dialog. `say` takes a change in words, as a person would type it; old plans have none. */
export function sheet({ shot, n, last, clip, say }) {
  const [dialog, src, poster] = [$('dialog'), own(clip?.clip_url), own(clip?.poster_url)];
  const tell = (...changes) => { dialog.close(); if (changes.length > 0) say(changes.join('\n')); };
  dialog.replaceChildren(h('div.sheet',
    h('header', h('h2', `Shot ${n}`), note(src ? 'free preview' : 'no preview yet'),
      button('Close', () => dialog.close(), 'quiet', { autofocus: true })),
    src && h('video', { controls: true, autoplay: true, loop: true, playsinline: true, src, poster }),
    steady(shot), say && changing(shot, n, last, tell),
    folded('exact', 'Exactly what is asked for', words('p.note', shot.enhanced_prompt)),
    h('ul.places', (shot.evidence ?? []).map((at) => h('li', place(at))))));
  dialog.showModal();
}
function changing(shot, n, last, tell) {
  const seen = h('textarea', { rows: 2, maxlength: 500, dir: 'auto', required: true }, said(shot));
  const seconds = h('input', { type: 'number', min: 1, max: 60, required: true, value: shot.duration });
  const submit = () => {
    const now = seen.value.trim().replace(/\s+/g, ' ');
    tell(...[now !== said(shot) && `Change shot ${n} to: ${now}`,
      Number(seconds.value) !== shot.duration && `Make shot ${n} ${seconds.value} seconds`].filter(Boolean));
  };
  const door = (label, change, disabled) => button(label, () => tell(change), 'quiet', { disabled });
  return form('sheet', submit, h('label', 'What is seen', seen), h('label', 'Seconds', seconds),
    h('div.buttons', submitter('Change it'),
      door('Earlier', `Move shot ${n} to ${n - 1}`, n === 1),
      door('Later', `Move shot ${n} to ${n + 1}`, n === last),
      door('Remove', `Remove shot ${n}`, last === 1)));
}
