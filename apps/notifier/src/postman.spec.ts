import { getEventListeners, getMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { ClaimedNotice, NoticeLedger } from '@carillon/persistence';
import { NotifierSettings } from '@carillon/runtime';
import { eventually } from '@carillon/testing';
import { pino } from 'pino';
import type { Deliverer } from './deliverer.js';
import { Postman } from './postman.js';

const HANDS = 64;
const waiting = Array.from({ length: HANDS }, (_, n) => ({ id: `${n}`, headId: `${n}`, waitMs: 60_000 }) as ClaimedNotice);

// Node warns of a leak of listeners on the real process, where no spec hears it: what it goes by is asked instead.
it('as many may wait for their turn as there are hands, and Node warns of one more', async () => {
  const signals = new Set<AbortSignal>();
  const deliverer: Pick<Deliverer, 'deliver'> = { deliver: async (_channel, [{ waitMs }], signal) => void (await delay(waitMs, true, { signal: signals.add(signal) && signal }).catch(() => false)) };
  const ledger: Pick<NoticeLedger, 'claim'> = { claim: () => Promise.resolve({ notices: waiting, nextInMs: 0 }) };
  const settings = Object.assign(new NotifierSettings(), { noticeConcurrency: HANDS });
  const postman = new Postman({ name: 'telegram', channel: undefined, ledger: ledger as NoticeLedger, deliverer: deliverer as Deliverer, settings, log: pino({ level: 'silent' }) });
  await postman.runOnce();
  const of = (ask: (signal: AbortSignal) => unknown): unknown[] => [...signals].map(ask);
  expect([of((signal) => getEventListeners(signal, 'abort').length), of((signal) => getMaxListeners(signal))]).toEqual([[HANDS], [HANDS]]);
  await postman.stop();
  expect(of((signal) => getEventListeners(signal, 'abort').length)).toEqual([0]);
});

it('while all hands are busy, what is filed wakes nobody, and the few that are free first claim together before long', async () => {
  const limits: number[] = [];
  const release: (() => void)[] = [];
  const deliverer: Pick<Deliverer, 'deliver'> = { deliver: () => new Promise<void>((resolve) => void release.push(resolve)) };
  const ledger: Pick<NoticeLedger, 'claim'> = {
    claim: ({ limit }) => {
      limits.push(limit);
      return Promise.resolve({ notices: waiting.slice(0, limits.length === 1 ? HANDS : 0), nextInMs: Infinity });
    },
  };
  const settings = Object.assign(new NotifierSettings(), { noticeConcurrency: HANDS });
  const postman = new Postman({ name: 'telegram', channel: undefined, ledger: ledger as NoticeLedger, deliverer: deliverer as Deliverer, settings, log: pino({ level: 'silent' }) });
  const free = async (count: number): Promise<void> => {
    for (const one of release.splice(0, count)) one();
    await delay(0);
  };
  postman.start();
  await eventually(() => release.length === HANDS);
  for (let n = 0; n < 100; n += 1) postman.wake();
  await free(1);
  postman.wake();
  await delay(0);
  expect(limits).toEqual([HANDS]);
  // The others are held up: nobody waits for them.
  await eventually(() => limits.length === 2);
  expect(limits).toEqual([HANDS, 1]);
  // Nobody was left behind, so what is filed now is claimed at once.
  postman.wake();
  await eventually(() => limits.length === 3);
  await free(HANDS);
  await postman.stop();
});
