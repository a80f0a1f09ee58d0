// The storyboard: a strip of shots. Each opens to its free preview and, in the newest plan, to changes.
import { thumbs } from './brief.js';
import { $, button, dots, folded, form, h, note, own, reconcile, submitter, words } from './dom.js';
const said = (shot) => shot.caption || shot.enhanced_prompt;
const isLocked = (shot) => shot?.locked === true;
const place = (at) => words('code', `${at.path}:${at.line}`);
const isOurs = (name) => /^sha256:[0-9a-f]{64}$/.test(name); // the page asks no foreign address
const steady = (shot) => thumbs((shot.reference_images ?? []).filter(isOurs));

/** `undo` takes the last change back: where there is one, and it may be said now. */
export function storyboard(plan, clips, { open, undo }, old) {
  const [node, strip] = [old ?? h('div.board'), old?.firstChild ?? h('ol.strip')];
  strip.ariaLabel = `Storyboard: ${plan.shots.length} shots, ${plan.seconds} s`;
  const item = (shot, n) => h('li', button(frame(shot, n + 1, clips[n]), () => open(shot, n), 'frame'));
  reconcile(strip, plan.shots.map((shot, n) => [n, [open], () => item(shot, n)]));
  const back = () => button('Undo the last change', undo, 'quiet');
  reconcile(node, [['strip', [], () => strip], undo && ['undo', [], back]]);
  return node;
}
function frame(shot, n, clip) {
  const poster = own(clip?.poster_url);
  const [where] = shot.evidence ?? [];
  return [
    h('span.still', poster && h('img', { src: poster, alt: '', loading: 'lazy' }), steady(shot),
      h('span.unseen', 'Shot '), h('span.number', String(n)), h('span.length', `${shot.duration} s`),
      isLocked(shot) && h('span.length.locked', 'locked')),
    words('span.clamp', said(shot)), where && h('span.place', place(where)),
  ];
}
/** One shot in the dialog. `say` takes a change in words, as a person would type it; old plans have none. */
export function sheet({ shot, n, next, clip, say }) {
  const [dialog, src, poster] = [$('dialog'), own(clip?.clip_url), own(clip?.poster_url)];
  const state = dots(src ? 'free preview' : 'no preview yet', isLocked(shot) && 'locked');
  const tell = (...changes) => { dialog.close(); if (changes.length > 0) say(changes.join('\n')); };
  dialog.replaceChildren(h('div.sheet',
    h('header', h('h2', `Shot ${n}`), note(state),
      button('Close', () => dialog.close(), 'quiet', { autofocus: true })),
    src && h('video', { controls: true, autoplay: true, loop: true, playsinline: true, src, poster }),
    steady(shot), say && (isLocked(shot) ? unlocking(n, tell) : changing(shot, n, next, tell)),
    folded('exact', 'Exactly what is asked for', words('p.note', shot.enhanced_prompt)),
    h('ul.places', (shot.evidence ?? []).map((at) => h('li', place(at))))));
  dialog.showModal();
}
const door = (label, tell, change, disabled) => button(label, () => tell(change), 'quiet', { disabled });
const unlocking = (n, tell) => h('div.buttons', note('Nothing changes it while it is locked.'),
  door('Unlock', tell, `Unlock shot ${n}`));
const line = (field) => field.value.trim().replace(/\s+/g, ' ');
function changing(shot, n, next, tell) {
  const seen = h('textarea', { rows: 2, maxlength: 500, dir: 'auto', required: true }, said(shot));
  const seconds = h('input', { type: 'number', min: 1, max: 60, required: true, value: shot.duration });
  const submit = () => {
    const now = line(seen);
    tell(...[now !== said(shot) && `Change shot ${n} to: ${now}`,
      Number(seconds.value) !== shot.duration && `Make shot ${n} ${seconds.value} seconds`].filter(Boolean));
  };
  const more = h('input', { required: true, maxlength: 500, pattern: '.*\\S.*', dir: 'auto' });
  const add = () => tell(`Add a shot after ${n}: ${line(more)}`);
  return [form('sheet', submit, h('label', 'What is seen', seen), h('label', 'Seconds', seconds),
    h('div.buttons', submitter('Change it'),
      door('Earlier', tell, `Move shot ${n} to ${n - 1}`, n === 1),
      door('Later', tell, `Move shot ${n} to ${n + 1}`, !next),
      door('Split', tell, `Split shot ${n}`, shot.duration < 2),
      door('Merge with the next', tell, `Merge ${n} and ${n + 1}`, !next || isLocked(next)),
      door('Lock', tell, `Lock shot ${n}`),
      door('Remove', tell, `Remove shot ${n}`, n === 1 && !next))),
  folded('note', 'Add a shot after this one',
    form('asks', add, h('label', 'What it shows', more), submitter('Add it')))];
}
