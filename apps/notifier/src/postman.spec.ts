import { getEventListeners, getMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { ClaimedNotice, NoticeLedger } from '@carillon/persistence';
import { NotifierSettings } from '@carillon/runtime';
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
