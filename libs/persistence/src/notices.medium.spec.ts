import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { inTransaction, NoticeLedger, queueNotice, setAddress } from './index.js';
import type { ClaimedNotice, NewNotice } from './index.js';

let house: Ledger;
let notices: NoticeLedger;
beforeAll(async () => {
  house = await ledger();
  notices = new NoticeLedger(house.dataSource);
});
afterAll(() => house.close());

const notice = (dedupeKey: string, more: Partial<NewNotice> = {}): NewNotice => ({ channel: 'telegram', recipient: 'account:1', messageType: 'ballot_open', content: { title: 'Trams' }, dedupeKey, ...more });
const queue = (dedupeKey: string, more: Partial<NewNotice> = {}): Promise<{ id: string; created: boolean }> => inTransaction(house.dataSource, (manager) => queueNotice(manager, notice(dedupeKey, more)));
const promised = (id: string): Promise<{ subject: string }[]> => house.query(`SELECT subject FROM engine.outbox WHERE payload->>'notice_id' = $1`, [id]);
const take = async (id: string): Promise<ClaimedNotice> => {
  const claim = await notices.claim(id, 30_000);
  if (!claim) throw new Error(`notice ${id} could not be claimed`);
  return claim;
};
const statusOf = async (dedupeKey: string): Promise<string | undefined> => (await notices.list({ dedupeKey }))[0]?.status;

describe('a notice', () => {
  it('queued eight times at once under one key is one row and one message', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => queue('ballot:7:account:1')));
    expect(new Set(answers.map((one) => one.id)).size).toBe(1);
    expect(answers.filter((one) => one.created)).toHaveLength(1);
    expect(await promised(answers[0]?.id ?? '')).toEqual([{ subject: 'notify.telegram' }]);
  });

  it('that is rolled back with its fact was never promised', async () => {
    await expect(inTransaction(house.dataSource, async (manager) => {
      await queueNotice(manager, notice('undone'));
      throw new Error('the fact did not happen');
    })).rejects.toThrow('the fact did not happen');
    expect(await notices.list({ dedupeKey: 'undone' })).toEqual([]);
  });

  it('is claimed by one, with the address of its recipient', async () => {
    await setAddress(house.dataSource, 'account:2', 'telegram', '4711');
    const { id } = await queue('claimed', { recipient: 'account:2' });
    const claims = await Promise.all(Array.from({ length: 5 }, () => notices.claim(id, 30_000)));
    expect(claims.filter((one) => one !== undefined)).toMatchObject([{ id, address: '4711', attempts: 1, content: { title: 'Trams' } }]);
  });

  it('that was sent is not open any more', async () => {
    const claim = await take((await queue('sent')).id);
    expect(await notices.settle(claim, { status: 'sent', text: 'Trams\0', providerMessageId: '9' })).toBe(true);
    expect((await notices.list({ dedupeKey: 'sent' }))[0]).toMatchObject({ status: 'sent', text: 'Trams\uFFFD', attempts: 1, sentAt: expect.any(Date) });
    expect(await notices.claim(claim.id, 30_000)).toBeUndefined();
  });

  it('that failed is promised again for later, and cannot be claimed before', async () => {
    const claim = await take((await queue('failed')).id);
    await notices.settle(claim, { status: 'failed', error: 'busy', retryAfterMs: 60_000 });
    expect(await promised(claim.id)).toHaveLength(2);
    expect(await notices.claim(claim.id, 30_000)).toBeUndefined();
    await house.moveClock(61_000);
    expect((await take(claim.id)).attempts).toBe(2);
    await house.moveClock(0);
  });

  it('whose sender fell silent is uncertain, and the late sender is refused', async () => {
    const claim = await take((await queue('uncertain')).id);
    expect(await notices.markUncertain()).not.toContain(claim.id);
    await house.moveClock(31_000);
    expect(await notices.markUncertain()).toContain(claim.id);
    expect(await notices.settle(claim, { status: 'failed', error: 'late', retryAfterMs: 0 })).toBe(false);
    expect(await statusOf('uncertain')).toBe('uncertain');
    expect(await notices.claim(claim.id, 30_000)).toBeUndefined();
    await house.moveClock(0);
  });

  it('is settled by its newest claim only', async () => {
    const stale = await take((await queue('fenced')).id);
    await notices.settle(stale, { status: 'failed', error: 'busy', retryAfterMs: 0 });
    const fresh = await take(stale.id);
    expect(await notices.settle(stale, { status: 'dead', error: 'stale' })).toBe(false);
    expect(await notices.settle(fresh, { status: 'dry-run', text: 'Trams' })).toBe(true);
    expect(await statusOf('fenced')).toBe('dry-run');
  });

  it('whose message got lost is promised again, then ever more seldom, but at least once a minute', async () => {
    await house.query('DELETE FROM notices.notice');
    const { id } = await queue('lost');
    const nudgedAt: number[] = [];
    for (let second = 0; second <= 300; second += 5) {
      await house.query('DELETE FROM engine.outbox');
      await house.moveClock(second * 1_000 + 500);
      if ((await notices.renudge(['telegram'], 5_000, 100)) > 0) nudgedAt.push(second);
      expect(await promised(id)).toHaveLength(nudgedAt.at(-1) === second ? 1 : 0);
    }
    await house.moveClock(0);
    const gaps = nudgedAt.slice(1).map((at, n) => at - (nudgedAt[n] ?? 0));
    expect(nudgedAt[0]).toBe(5);
    expect(nudgedAt.length).toBeLessThanOrEqual(12);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(65);
  });

  it('is not promised again while its message still waits, nor on a channel that nobody delivers', async () => {
    await house.query('DELETE FROM notices.notice');
    await queue('waiting');
    await house.moveClock(60_000);
    expect(await notices.renudge(['telegram'], 5_000, 100)).toBe(0);
    await queue('letter', { channel: 'email' });
    await house.query('DELETE FROM engine.outbox');
    await house.moveClock(120_000);
    expect(await notices.renudge([], 5_000, 100)).toBe(0);
    expect(await notices.renudge(['telegram'], 5_000, 100)).toBe(1);
    expect(await house.query('SELECT subject FROM engine.outbox')).toEqual([{ subject: 'notify.telegram' }]);
    await house.moveClock(0);
  });
});
