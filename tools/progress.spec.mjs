import { expect, it } from '@jest/globals';
import { phase, say, seconds } from './progress.mjs';

function gate() {
  let open;
  const promise = new Promise((resolve) => (open = resolve));
  return { promise, open };
}
/** Collects what is written and lets a spec wait for a text. */
function paper() {
  let text = '';
  const waiting = [];
  return {
    write: (more) => {
      text += more;
      for (const entry of waiting) if (text.includes(entry.wanted)) entry.resolve();
    },
    text: () => text.replaceAll(/\d+\.\d s/g, 'N s'),
    shows: (wanted) => new Promise((resolve) => (text.includes(wanted) ? resolve() : waiting.push({ wanted, resolve }))),
  };
}

it('is quiet about what is quick', async () => {
  const out = paper();
  expect(await phase('reading', () => 7, { out })).toBe(7);
  expect(out.text()).toBe('');
});

it('names what takes its time, and how long it took', async () => {
  const out = paper();
  const work = gate();
  const done = phase('building', () => work.promise, { out, patience: 1 });
  await out.shows('building …');
  work.open();
  await done;
  expect(out.text()).toBe('building … N s\n');
});

it('keeps the lines of phases apart that run side by side, and other lines too', async () => {
  const out = paper();
  const [one, other] = [gate(), gate()];
  const first = phase('one', () => one.promise, { out, patience: 1 });
  await out.shows('one …');
  const second = phase('other', () => other.promise, { out, patience: 1 });
  await out.shows('other …');
  say('by the way', out);
  one.open();
  await first;
  other.open();
  await second;
  expect(out.text()).toBe('one …\nother …\nby the way\none … N s\nother … N s\n');
});

it('says when a phase fails', async () => {
  const out = paper();
  const work = gate();
  const done = phase('installing', () => work.promise.then(() => Promise.reject(new Error('no network'))), { out, patience: 1 });
  await out.shows('installing …');
  work.open();
  await expect(done).rejects.toThrow('no network');
  expect(out.text()).toBe('installing … failed after N s\n');
});

it.each([[840, '0.8 s'], [42_400, '42 s']])('writes %d ms as %s', (milliseconds, text) => expect(seconds(milliseconds)).toBe(text));
