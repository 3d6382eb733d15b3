import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@carillon/engine';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { createApiKey, DeadLetterStore, forgetRecipient, holderOf, inTransaction, newId, NoticeLedger, queueNotice, redriveNotices, revokeApiKey, rotateApiKey } from './index.js';
import type { Delivery } from './index.js';

let house: Ledger;
beforeAll(async () => void (house = await ledger()));
afterAll(() => house.close());

describe('an API key', () => {
  it('is known by its text and kept as a hash only', async () => {
    const key = (await createApiKey(house.dataSource, 'town', ['submit', 'read'])) ?? '';
    expect(await holderOf(house.dataSource, key)).toMatchObject({ name: 'town', rights: ['submit', 'read'] });
    const [row] = await house.query<{ row: string }>('SELECT to_jsonb(k)::text AS row FROM engine.api_key k');
    expect(row?.row).not.toContain(key.slice(4));
    expect(await holderOf(house.dataSource, `${key}x`)).toBeUndefined();
  });

  it('is made once per name, also by two at a time', async () => {
    const made = await Promise.all([1, 2, 3].map(() => createApiKey(house.dataSource, 'first', ['operate'])));
    expect(made.filter((key) => key !== undefined)).toHaveLength(1);
  });

  it('ends when it is revoked or replaced', async () => {
    const old = (await createApiKey(house.dataSource, 'clerk', ['operate'])) ?? '';
    const fresh = (await rotateApiKey(house.dataSource, 'clerk')) ?? '';
    expect(await holderOf(house.dataSource, old)).toBeUndefined();
    expect(await holderOf(house.dataSource, fresh)).toMatchObject({ name: 'clerk', rights: ['operate'] });
    const narrower = (await rotateApiKey(house.dataSource, 'clerk', ['read'])) ?? '';
    expect(await holderOf(house.dataSource, fresh)).toBeUndefined();
    expect(await holderOf(house.dataSource, narrower)).toMatchObject({ name: 'clerk', rights: ['read'] });
    expect(await revokeApiKey(house.dataSource, 'clerk')).toBe(true);
    expect(await holderOf(house.dataSource, narrower)).toBeUndefined();
    expect([await revokeApiKey(house.dataSource, 'clerk'), await rotateApiKey(house.dataSource, 'nobody')]).toEqual([false, undefined]);
  });
});

describe('a dead letter', () => {
  const by = { by: 'the spec' };
  const letter = { service: 'spec', subject: 'step.bell.one', payload: Buffer.from([0, 255, 1, 0]), headers: {}, reason: 'undecodable', deliveries: 1 };

  it('keeps the bytes that came, whatever they were', async () => {
    const store = new DeadLetterStore(house.dataSource);
    await store.write(letter);
    await store.write({ ...letter, payload: 'text \0 with NUL' });
    const rows = await house.query<{ payload: Buffer }>('SELECT payload FROM engine.dead_letter ORDER BY id');
    expect(rows.map((row) => [...row.payload])).toEqual([[0, 255, 1, 0], [...Buffer.from('text \0 with NUL')]]);
  });

  it('bears NUL and half characters in everything that is text', async () => {
    const nasty = 'a\0b\ud800c';
    await new DeadLetterStore(house.dataSource).write({ ...letter, subject: nasty, messageId: nasty, headers: { [nasty]: nasty }, reason: nasty, error: nasty.repeat(1_000) });
    const [row] = await house.query<Record<string, unknown>>('SELECT subject, message_id, headers, reason, length(error) AS length FROM engine.dead_letter ORDER BY id DESC LIMIT 1');
    const clean = 'a\uFFFDb\uFFFDc';
    expect(row).toEqual({ subject: clean, message_id: clean, headers: { [clean]: clean }, reason: clean, length: 2_000 });
  });

  it('is listed newest first until it is re-driven or discarded', async () => {
    const store = new DeadLetterStore(house.dataSource);
    await house.query('DELETE FROM engine.dead_letter');
    for (const reason of ['first', 'second', 'third']) await store.write({ ...letter, payload: Buffer.from('{}'), reason });
    const [third, second, first] = await store.list();
    await store.discard({ ids: [second?.id ?? ''] }, by);
    expect((await store.list()).map((one) => one.reason)).toEqual(['third', 'first']);
    await store.redrive({ ids: [first?.id ?? ''] }, by, () => undefined);
    expect(await store.list()).toMatchObject([{ id: third?.id, redrivenAt: null, discardedAt: null, handledBy: null }]);
    expect(await store.list({ limit: 1, state: 'all' })).toHaveLength(1);
    expect(await store.list({ state: 'redriven' })).toMatchObject([{ reason: 'first', handledBy: 'the spec', redrivenTimes: 1 }]);
    expect(await store.list({ state: 'discarded', reason: 'first' })).toEqual([]);
  });

  it('is promised anew in the transaction that marks it, with the headers that can be sent, under an id of its own', async () => {
    const store = new DeadLetterStore(house.dataSource);
    await house.query('DELETE FROM engine.dead_letter; DELETE FROM engine.outbox');
    await store.write({ ...letter, messageId: 'old', payload: '{"stepId":"1"}', headers: { traceparent: '00-1-2-01', 'Nats-Msg-Id': 'old', 'na me': 'x', lines: 'a\r\nb' } });
    const [written] = await store.list();
    expect(await store.redrive({ all: true }, by, () => undefined)).toEqual({ done: [written?.id], refused: [] });
    const promised = await house.query<{ id: string }>('SELECT id, subject, payload, headers FROM engine.outbox');
    expect(promised).toMatchObject([{ subject: 'step.bell.one', payload: { stepId: '1' }, headers: { traceparent: '00-1-2-01' } }]);
    expect(promised[0]?.id).not.toBe(written?.id);
    expect(Object.keys((promised[0] as unknown as { headers: object }).headers)).toEqual(['traceparent']);
  });

  it('is re-driven once, also by several people at a time, unless somebody insists', async () => {
    const store = new DeadLetterStore(house.dataSource);
    await house.query('DELETE FROM engine.dead_letter; DELETE FROM engine.outbox');
    for (let n = 0; n < 450; n += 1) await store.write({ ...letter, payload: '{}' });
    const answers = await Promise.all([1, 2, 3].map(() => store.redrive({ all: true }, by, () => undefined)));
    expect(answers.flatMap(({ done }) => done)).toHaveLength(450);
    expect(await house.query('SELECT FROM engine.outbox')).toHaveLength(450);
    const [one] = await store.list({ state: 'redriven', limit: 1 });
    const ids = [one?.id ?? ''];
    expect((await store.redrive({ ids }, by, () => undefined)).refused).toEqual([{ id: one?.id, why: expect.stringMatching(/was re-driven at 20.* by the spec; say "again" to do it all the same$/) }]);
    expect(await store.redrive({ ids }, { ...by, again: true }, () => undefined)).toEqual({ done: ids, refused: [] });
    expect(await house.query('SELECT FROM engine.outbox')).toHaveLength(451);
  });

  it('that is refused, or not there, is named and stays as it was', async () => {
    const store = new DeadLetterStore(house.dataSource);
    await house.query('DELETE FROM engine.dead_letter');
    for (const reason of ['invalid', 'exhausted', 'invalid']) await store.write({ ...letter, payload: '{}', reason });
    const unknown = newId();
    const handled = await store.redrive({ all: true, reason: 'invalid' }, by, ({ id }) => `not ${id}`);
    expect(handled).toMatchObject({ done: [], refused: [{ why: expect.stringMatching(/^not /) }, { why: expect.stringMatching(/^not /) }] });
    expect(await store.list()).toHaveLength(3);
    expect(await store.discard({ ids: [unknown] }, by)).toEqual({ done: [], refused: [{ id: unknown, why: `there is no dead letter ${unknown}` }] });
  });
});

describe('a notice that failed for good', () => {
  const by = { by: 'the spec' };
  const DEAD: Delivery = { status: 'dead', error: 'there is no text for it' };
  const queue = async (content: JsonObject = { years: 90 }): Promise<string> => (await inTransaction(house.dataSource, (manager) => queueNotice(manager, { channel: 'email', recipient: 'account:7', messageType: 'birthday', content, dedupeKey: newId() }))).id;
  const attempt = async (delivery: Delivery): Promise<void> => {
    const ledger = new NoticeLedger(house.dataSource);
    const { notices } = await ledger.claim({ channel: 'email', limit: 1, leaseMs: 30_000, perSecond: 0, digestFrom: 0 });
    await ledger.settle(notices.map((claim) => ({ claim, delivery, pause: { messages: 0, pauseMs: 0 } })));
  };
  const clean = (): Promise<unknown> => house.query('DELETE FROM notices.notice; DELETE FROM engine.dead_letter; DELETE FROM engine.outbox; DELETE FROM notices.mailbox');

  it('is a dead letter with what was to be told, and no notice that went well, comes again or finds nobody is', async () => {
    await clean();
    const store = new DeadLetterStore(house.dataSource);
    for (const delivery of [{ status: 'sent', text: 'T', providerMessageId: '1' }, { status: 'failed', error: 'busy', retryAfterMs: 60_000 }, { status: 'undeliverable', error: 'gone' }, { status: 'uncertain', error: 'cut' }] as const) {
      await clean();
      await queue();
      await attempt(delivery);
      expect(await store.list()).toEqual([]);
    }
    await clean();
    const id = await queue();
    await attempt(DEAD);
    expect(await store.list()).toMatchObject([{ id, noticeId: id, service: 'notifier', subject: 'notify.email', reason: 'notice', error: 'there is no text for it', deliveries: 1 }]);
    expect(JSON.parse((await store.show(id))?.payload.toString() ?? '')).toEqual({ notice_id: id, user_id: 'account:7', message_type: 'birthday', content: { years: 90 } });
  });

  it('shows nothing of a secret that it holds', async () => {
    await clean();
    const id = await queue({ secret: true, link: 'https://example.org/door' });
    await attempt(DEAD);
    const shown = await new DeadLetterStore(house.dataSource).show(id);
    expect(JSON.parse(shown?.payload.toString() ?? '')).toMatchObject({ content: { secret: true } });
    expect(JSON.stringify({ ...shown, payload: shown?.payload.toString() })).not.toContain('door');
  });

  it('waits in its line again when its letter is re-driven, and is one open letter when it fails again', async () => {
    await clean();
    const store = new DeadLetterStore(house.dataSource);
    const id = await queue();
    await attempt(DEAD);
    expect(await store.redrive({ all: true }, by, () => undefined)).toEqual({ done: [id], refused: [] });
    expect(await house.query('SELECT status, attempts, redriven_times FROM notices.notice')).toEqual([{ status: 'queued', attempts: 0, redriven_times: 1 }]);
    expect(await store.list()).toEqual([]);
    await attempt(DEAD);
    expect(await store.list({ state: 'all' })).toMatchObject([{ id, redrivenAt: null, redrivenTimes: 1 }]);
  });

  it('is off the list when its notice is sent again, when it is discarded, and when the person is forgotten', async () => {
    await clean();
    const store = new DeadLetterStore(house.dataSource);
    const id = await queue();
    await attempt(DEAD);
    await redriveNotices(house.dataSource, { status: 'dead' });
    expect(await store.list({ state: 'redriven' })).toMatchObject([{ id }]);
    await attempt(DEAD);
    await store.discard({ ids: [id] }, by);
    expect(await store.list()).toEqual([]);
    await inTransaction(house.dataSource, (manager) => forgetRecipient(manager, 'account:7'));
    expect(await store.list({ state: 'all' })).toEqual([]);
  });
});
