import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { closedMailboxes, forgetIdleMailboxes, inTransaction, NoticeLedger, queueNotice, queueNotices, redriveNotices, relayBatch, reopenMailbox, setAddress, TelegramInbox } from './index.js';
import type { ClaimedNotice, ClaimOptions, Delivery, NewNotice, Pause, PromisedMessage } from './index.js';

let house: Ledger;
let notices: NoticeLedger;
beforeAll(async () => {
  house = await ledger();
  notices = new NoticeLedger(house.dataSource);
});
beforeEach(async () => {
  await house.moveClock(0);
  await house.query('DELETE FROM notices.notice; DELETE FROM notices.mailbox; DELETE FROM notices.address; DELETE FROM engine.outbox; UPDATE notices.pace SET next_at = engine.clock()');
});
afterAll(() => house.close());

const notice = (dedupeKey: string, more: Partial<NewNotice> = {}): NewNotice => ({ channel: 'telegram', recipient: 'account:1', messageType: 'ballot_open', content: { title: 'Trams' }, dedupeKey, ...more });
const queue = (dedupeKey: string, more: Partial<NewNotice> = {}): Promise<{ id: string; created: boolean }> => inTransaction(house.dataSource, (manager) => queueNotice(manager, notice(dedupeKey, more)));
const promised = (id: string): Promise<{ subject: string }[]> => house.query(`SELECT subject FROM engine.outbox WHERE payload->>'notice_id' = $1`, [id]);
const NO_PAUSE: Pause = { messages: 0, pauseMs: 0 };
const claim = async (more: Partial<ClaimOptions> = {}): Promise<ClaimedNotice[]> => (await notices.claim({ channel: 'telegram', limit: 100, leaseMs: 30_000, perSecond: 0, digestFrom: 0, ...more })).notices;
const keys = (claimed: readonly { id: string }[]): Promise<string[]> => Promise.all(claimed.map(async ({ id }) => (await notices.list({ id }))[0]?.dedupeKey ?? ''));
const take = async (): Promise<ClaimedNotice> => {
  const [first] = await claim();
  if (!first) throw new Error('nothing could be claimed');
  return first;
};
const settle = async (one: ClaimedNotice, delivery: Delivery, pause = NO_PAUSE): Promise<boolean | undefined> => (await notices.settle([{ claim: one, delivery, pause }]))[0];
const SENT: Delivery = { status: 'sent', text: 'Trams', providerMessageId: '9' };
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
    const claims = (await Promise.all(Array.from({ length: 5 }, () => claim()))).flat();
    expect(claims).toMatchObject([{ id, address: '4711', mailbox: '4711', attempts: 1, content: { title: 'Trams' } }]);
  });

  it('that was sent is not open any more', async () => {
    await queue('sent');
    expect(await settle(await take(), { ...SENT, text: 'Trams\0' })).toBe(true);
    expect((await notices.list({ dedupeKey: 'sent' }))[0]).toMatchObject({ status: 'sent', text: 'Trams\uFFFD', attempts: 1, sentAt: expect.any(Date), providerMessageId: '9' });
    expect(await claim()).toEqual([]);
  });

  it('whose time has come is seen by the look of a notifier whose message got lost, exactly when a claim finds it', async () => {
    const both = async (): Promise<unknown[]> => [await notices.channelsDue(), await keys(await claim())];
    await queue('later', { notBefore: new Date(Date.now() + 60_000) });
    expect(await both()).toEqual([[], []]);
    await house.moveClock(61_000);
    expect(await notices.channelsDue()).toEqual(['telegram']);
    await settle(await take(), { status: 'failed', error: 'busy', retryAfterMs: 60_000 });
    expect(await both()).toEqual([[], []]);
    await queue('another', { channel: 'slack' });
    await house.moveClock(122_000);
    expect((await notices.channelsDue()).sort()).toEqual(['slack', 'telegram']);
    await settle(await take(), SENT);
    expect([await notices.channelsDue(), await claim()]).toEqual([['slack'], []]);
  });

  it('that opens a door is not kept once it was sent', async () => {
    await queue('door');
    await settle(await take(), { ...SENT, text: '(not kept)', confidential: true });
    expect(await house.query(`SELECT content, text FROM notices.notice WHERE dedupe_key = 'door'`)).toEqual([{ content: {}, text: '(not kept)' }]);
  });

  it('that failed comes again later, and not before', async () => {
    await queue('failed');
    await settle(await take(), { status: 'failed', error: 'busy', retryAfterMs: 60_000 });
    expect(await claim()).toEqual([]);
    await house.moveClock(61_000);
    expect((await take()).attempts).toBe(2);
  });

  it('is not claimed before its time', async () => {
    await queue('morning', { notBefore: new Date(Date.now() + 60_000) });
    const { nextInMs } = await notices.claim({ channel: 'telegram', limit: 1, leaseMs: 1, perSecond: 0, digestFrom: 0 });
    expect(nextInMs).toBeGreaterThan(50_000);
    await house.moveClock(61_000);
    expect(await claim()).toHaveLength(1);
  });

  it('whose sender fell silent is uncertain, and a late failure is refused', async () => {
    await queue('uncertain');
    const one = await take();
    expect(await notices.markUncertain()).toEqual({ uncertain: [], repeated: [] });
    await house.moveClock(31_000);
    expect(await notices.markUncertain()).toEqual({ uncertain: [one.id], repeated: [] });
    expect(await settle(one, { status: 'failed', error: 'late', retryAfterMs: 0 })).toBe(false);
    expect(await statusOf('uncertain')).toBe('uncertain');
    expect(await claim()).toEqual([]);
  });

  it('that was sent is recorded so also late, as long as nobody sends it again', async () => {
    await queue('late');
    const one = await take();
    await house.moveClock(31_000);
    await notices.markUncertain(['telegram:*']);
    expect(await settle(one, SENT)).toBe(true);
    expect((await notices.list({ dedupeKey: 'late' }))[0]).toMatchObject({ status: 'sent', possiblyRepeated: false, error: null });
  });

  it('of a kind that is repeated goes out once more, marked, and not twice', async () => {
    await queue('again');
    const first = await take();
    await house.moveClock(31_000);
    expect(await notices.markUncertain(['telegram:ballot_open'])).toEqual({ uncertain: [], repeated: [first.id] });
    const second = await take();
    expect(second).toMatchObject({ id: first.id, possiblyRepeated: true, attempts: 2 });
    expect(await settle(first, SENT)).toBe(false);
    await house.moveClock(62_000);
    expect(await notices.markUncertain(['telegram:ballot_open'])).toEqual({ uncertain: [first.id], repeated: [] });
  });

  it('is settled by its newest claim only', async () => {
    await queue('fenced');
    const stale = await take();
    await settle(stale, { status: 'failed', error: 'busy', retryAfterMs: 0 });
    const fresh = await take();
    expect(await settle(stale, { status: 'dead', error: 'stale' })).toBe(false);
    expect(await settle(fresh, { status: 'dry-run', text: 'Trams' })).toBe(true);
    expect(await statusOf('fenced')).toBe('dry-run');
  });
});

describe('a line of notices', () => {
  const fill = async (...filed: [key: string, more: Partial<NewNotice>][]): Promise<void> => {
    for (const [key, more] of filed) await queue(key, more);
  };

  it('keeps its order: one at a time, the next when the first is over, and others are not held up', async () => {
    await fill(['a1', { recipient: 'a' }], ['a2', { recipient: 'a' }], ['b1', { recipient: 'b' }]);
    const [a1, b1] = await claim();
    expect(await keys(await claim())).toEqual([]);
    if (!a1 || !b1) throw new Error('two could be claimed');
    expect(await keys([a1, b1])).toEqual(['a1', 'b1']);
    await settle(a1, { status: 'failed', error: 'busy', retryAfterMs: 5_000 });
    await settle(b1, SENT);
    expect(await claim()).toEqual([]);
    await house.moveClock(6_000);
    await settle(await take(), SENT);
    expect(await keys(await claim())).toEqual(['a2']);
  });

  it('is passed by what is urgent, and by nothing that waits for its own time', async () => {
    await fill(['later', { recipient: 'a', notBefore: new Date(Date.now() + 3_600_000) }], ['first', { recipient: 'a' }], ['other', { recipient: 'b' }], ['urgent', { recipient: 'a', urgent: true }]);
    expect(await keys(await claim())).toEqual(['urgent', 'other']);
  });

  it('stands still for as long as its address is to be left alone', async () => {
    await fill(['a1', { recipient: 'a' }], ['a2', { recipient: 'a' }], ['b1', { recipient: 'b' }]);
    const [a1] = await claim({ limit: 1 });
    if (a1) await settle(a1, { status: 'failed', error: '429', retryAfterMs: 37_000, attemptCounts: false }, { messages: 0, pauseMs: 37_000 });
    expect(await keys(await claim())).toEqual(['b1']);
    await house.moveClock(36_000);
    expect(await claim()).toEqual([]);
    await house.moveClock(38_000);
    expect(await keys(await claim())).toEqual(['a1']);
  });

  it('of two recipients at one address is one line', async () => {
    await setAddress(house.dataSource, 'account:1', 'telegram', '42');
    await fill(['one', { recipient: 'account:1' }], ['other', { recipient: '42' }]);
    expect(await keys(await claim())).toEqual(['one']);
  });

  it('of recipients who are all reached at one place is one line, and those with an address have their own', async () => {
    await setAddress(house.dataSource, 'account:1', 'slack', 'https://hooks.example.org/1');
    await fill(['one', { channel: 'slack', recipient: 'a' }], ['other', { channel: 'slack', recipient: 'b' }], ['own', { channel: 'slack' }]);
    const claimed = await claim({ channel: 'slack', commonMailbox: 'webhook 1' });
    expect(await keys(claimed)).toEqual(['one', 'own']);
    const [one] = claimed;
    if (one) await settle(one, SENT, { messages: 1, pauseMs: 1_000 });
    expect(await claim({ channel: 'slack', commonMailbox: 'webhook 1' })).toEqual([]);
    await house.moveClock(1_100);
    expect(await keys(await claim({ channel: 'slack', commonMailbox: 'webhook 1' }))).toEqual(['other']);
  });

  it('on any channel is passed by nothing while its first waits for another try, and by the next when that is dead or nobody knows', async () => {
    for (const channel of ['email', 'slack', 'telegram'] as const) {
      for (const [end, text] of [['dead', 'refused'], ['uncertain', 'silence']] as const) {
        const [first, second] = [`${channel}-${end}-1`, `${channel}-${end}-2`];
        await house.moveClock(0);
        await house.query('DELETE FROM notices.notice; DELETE FROM notices.mailbox');
        await fill([first, { channel }], [second, { channel }]);
        const [one] = await claim({ channel });
        expect(await claim({ channel })).toEqual([]);
        if (one) await settle(one, { status: 'failed', error: 'busy', retryAfterMs: 5_000 });
        expect(await claim({ channel })).toEqual([]);
        await house.moveClock(6_000);
        const [again] = await claim({ channel });
        expect(again?.id).toBe(one?.id);
        if (again) await settle(again, { status: end, error: text });
        expect(await keys(await claim({ channel }))).toEqual([second]);
      }
    }
  });

  it('to a group gets so many a minute, and not one more', async () => {
    const window: Pause = { messages: 1, pauseMs: 0, window: { most: 3, ms: 60_000 } };
    for (const n of [1, 2, 3, 4, 5]) await queue(`g${n}`, { recipient: '-100' });
    for (const second of [0, 10, 20]) {
      await house.moveClock(second * 1_000);
      await settle(await take(), SENT, window);
    }
    await house.moveClock(55_000);
    expect(await claim()).toEqual([]);
    await house.moveClock(61_000);
    await settle(await take(), SENT, window);
    expect(await claim()).toEqual([]);
    await house.moveClock(71_000);
    expect(await keys(await claim())).toEqual(['g5']);
  });

  it('gets room on the channel in turns, over all who ask', async () => {
    for (let n = 0; n < 40; n += 1) await queue(`r${n}`, { recipient: `r${n}` });
    const rounds = await Promise.all(Array.from({ length: 4 }, () => notices.claim({ channel: 'telegram', limit: 100, leaseMs: 30_000, perSecond: 30, digestFrom: 0 })));
    const turns = rounds.flatMap((round) => round.notices.map(({ waitMs }) => waitMs));
    // A quarter of a second ahead and no further: eight turns, with the time that passed meanwhile a few more.
    expect(turns.length).toBeGreaterThanOrEqual(8);
    expect(turns.length).toBeLessThanOrEqual(16);
    expect(Math.max(...rounds.map(({ nextInMs }) => nextInMs))).toBeLessThan(1_000);
  });

  it('that is long becomes one message where that is wanted, and urgent ones stay alone', async () => {
    await fill(['n1', {}], ['n2', {}], ['n3', {}], ['m1', { recipient: 'm' }], ['u', { recipient: 'v', urgent: true }]);
    const claimed = await claim({ digestFrom: 2 });
    expect(await keys(claimed)).toEqual(['u', 'n1', 'n2', 'n3', 'm1']);
    expect(new Set(claimed.slice(1, 4).map(({ headId }) => headId))).toEqual(new Set([claimed[1]?.id]));
    await house.query(`UPDATE notices.notice SET status = 'queued'; DELETE FROM notices.mailbox`);
    await setAddress(house.dataSource, 'account:1', 'telegram', '7', 0);
    expect(await keys(await claim({ digestFrom: 2 }))).toEqual(['u', 'n1', 'm1']);
  });
});

describe('an address where nobody is', () => {
  const close = async (): Promise<void> => {
    await setAddress(house.dataSource, 'account:1', 'telegram', '42');
    for (const n of [1, 2, 3]) await queue(`n${n}`);
    await queue('tomorrow', { notBefore: new Date(Date.now() + 86_400_000) });
    await settle(await take(), { status: 'undeliverable', error: 'blocked by the user', closes: true });
  };

  it('ends what waits for it, and says so of what comes later', async () => {
    await close();
    expect(await Promise.all(['n1', 'n2', 'n3', 'tomorrow'].map(statusOf))).toEqual(['undeliverable', 'undeliverable', 'undeliverable', 'queued']);
    await queue('n4');
    expect(await take()).toMatchObject({ closedBecause: 'blocked by the user' });
    expect(await closedMailboxes(house.dataSource)).toMatchObject([{ channel: 'telegram', address: '42', recipients: ['account:1'], closedBecause: 'blocked by the user' }]);
  });

  it('is opened by whoever knows better, and then what ended is sent again when asked', async () => {
    await close();
    const [row] = await notices.list({ dedupeKey: 'n1' });
    expect(await redriveNotices(house.dataSource, { status: 'undeliverable' })).toMatchObject({ done: [], refused: [{}, {}, {}] });
    expect([await reopenMailbox(house.dataSource, 'telegram', 'account:1'), await reopenMailbox(house.dataSource, 'telegram', 'account:1')]).toEqual([true, false]);
    expect((await redriveNotices(house.dataSource, { status: 'undeliverable', recipient: 'account:1' })).done).toHaveLength(3);
    expect(await take()).toMatchObject({ id: row?.id, closedBecause: null, attempts: 1 });
  });

  it('is opened by a message from there', async () => {
    await close();
    const inbox = new TelegramInbox(house.dataSource);
    expect(await inbox.receive([{ updateId: 1, chatId: 43, body: {} }])).toBe(1);
    expect(await closedMailboxes(house.dataSource)).toHaveLength(1);
    expect(await inbox.receive([{ updateId: 2, chatId: 42, body: {} }, { updateId: 1, chatId: 43, body: {} }])).toBe(1);
    expect(await closedMailboxes(house.dataSource)).toEqual([]);
  });

  it('that is replaced by another is no obstacle', async () => {
    await close();
    await setAddress(house.dataSource, 'account:1', 'telegram', '43');
    await queue('n5');
    expect(await take()).toMatchObject({ mailbox: '43', closedBecause: null });
  });

  it('is remembered, and idle ones are not', async () => {
    await close();
    await queue('other', { recipient: 'b' });
    await settle(await take(), SENT);
    await house.moveClock(2 * 86_400_000);
    await forgetIdleMailboxes(house.dataSource);
    expect(await house.query('SELECT address FROM notices.mailbox')).toEqual([{ address: '42' }]);
  });
});

it('what may have arrived is sent again only by somebody who insists, and then marked', async () => {
  await queue('lost');
  const one = await take();
  await settle(one, { status: 'uncertain', error: 'silence' });
  expect(await redriveNotices(house.dataSource, { ids: [one.id] })).toEqual({ done: [], refused: [{ id: one.id, why: expect.stringContaining('it may have arrived') }] });
  expect(await redriveNotices(house.dataSource, { ids: [one.id], again: true })).toEqual({ done: [one.id], refused: [] });
  expect(await take()).toMatchObject({ id: one.id, possiblyRepeated: true, attempts: 1 });
  expect(await redriveNotices(house.dataSource, { ids: [one.id] })).toMatchObject({ refused: [{ why: expect.stringContaining('it is sending') }] });
});

it('many that are filed at once are the rows and messages that they would be one by one, whatever is written in them', async () => {
  const nasty = ['plain', 'a "quote", a \\\\ and {braces}', 'NULL', 'NUL \0 and half \ud800', 'lines\nand\ttabs', '☎ 🙂 سلام', "it's; DROP"];
  const filed = (prefix: string): NewNotice[] => nasty.map((text, n) => ({ channel: n % 2 ? 'email' : 'telegram', recipient: `account:"${n}",\\\\`, messageType: `t,"${n}"`, content: { text, list: [text, null, n], ...(n === 1 && { secret: true }) }, dedupeKey: `${prefix}:${n}:"{,}`, ...(n === 2 && { notBefore: new Date('2030-01-02T03:04:05.678Z'), urgent: true }), ...(n === 3 && { runId: '01900000-0000-7000-8000-000000000000' }) }));
  const rows = (prefix: string): Promise<unknown[]> => house.query(`SELECT channel, recipient, message_type, content, run_id, urgent, trace, CASE WHEN urgent THEN due_at END AS due FROM notices.notice WHERE dedupe_key LIKE $1 ORDER BY dedupe_key`, [`${prefix}:%`]);
  const messages = (prefix: string): Promise<unknown[]> => house.query(`SELECT o.subject, o.payload - 'notice_id' AS payload, CASE WHEN n.urgent THEN o.available_at END AS at FROM engine.outbox o JOIN notices.notice n ON n.id::text = o.payload->>'notice_id' WHERE n.dedupe_key LIKE $1 ORDER BY n.dedupe_key`, [`${prefix}:%`]);
  await inTransaction(house.dataSource, async (manager) => {
    for (const one of filed('one')) await queueNotice(manager, one);
    expect([await queueNotices(manager, filed('many')), await queueNotices(manager, filed('many')), await queueNotices(manager, [])]).toEqual([nasty.length, 0, 0]);
  });
  expect(await rows('many')).toHaveLength(nasty.length);
  expect(await rows('many')).toEqual(await rows('one'));
  expect(await messages('many')).toHaveLength(nasty.length);
  expect(await messages('many')).toEqual(await messages('one'));
});

it('very many that may be told at once are promised by a few rows that name them, and each has the message that it would have alone', async () => {
  const texts = Array.from({ length: 450 }, (_one, n) => `number "${n}"`);
  const filed = (prefix: string): NewNotice[] => texts.map((text, n) => ({ channel: n % 2 ? 'email' : 'telegram', recipient: `account:${n}`, messageType: 'text', content: { text, ...(n === 7 && { secret: true }) }, dedupeKey: `${prefix}:${n}`, ...(n === 9 && { notBefore: new Date('2030-01-02T03:04:05.678Z') }) }));
  await inTransaction(house.dataSource, async (manager) => {
    for (const one of filed('one')) await queueNotice(manager, one);
    expect([await queueNotices(manager, filed('many')), await queueNotices(manager, filed('many'))]).toEqual([texts.length, 0]);
  });
  expect(await house.query(`SELECT count(*)::int AS rows, count(DISTINCT available_at)::int AS instants FROM engine.outbox WHERE subject IS NULL`)).toEqual([{ rows: 3, instants: 1 }]);
  const messages: PromisedMessage[] = [];
  await inTransaction(house.dataSource, (manager) => manager.query(`DELETE FROM notices.notice WHERE dedupe_key = 'many:11'`));
  await relayBatch(house.dataSource, 1_000, async (promised) => {
    messages.push(...promised);
    return promised.map(({ id }) => id);
  });
  const told = async (prefix: string): Promise<string[]> => {
    const ids = new Set((await house.query<{ id: string }>('SELECT id FROM notices.notice WHERE dedupe_key LIKE $1', [`${prefix}:%`])).map(({ id }) => id));
    return messages.filter(({ payload }) => ids.has(String(payload['notice_id']))).map(({ subject, payload: { notice_id: _id, ...payload } }) => JSON.stringify([subject, payload['user_id'], payload['message_type'], payload['content']])).sort();
  };
  // One is told later, and one was deleted meanwhile.
  expect(await told('many')).toHaveLength(texts.length - 2);
  expect((await told('one')).filter((line) => !line.includes('"account:11"'))).toEqual(await told('many'));
  expect(await house.query('SELECT subject FROM engine.outbox')).toEqual([{ subject: 'notify.email' }, { subject: 'notify.email' }]);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
});

it('very many of which one could not be published stay promised together, and hold up no others', async () => {
  await inTransaction(house.dataSource, (manager) => queueNotices(manager, Array.from({ length: 250 }, (_one, n) => notice(`stay:${n}`, { recipient: `account:${n}` }))));
  await relayBatch(house.dataSource, 1_000, async (promised) => promised.slice(1).map(({ id }) => id));
  expect(await house.query(`SELECT jsonb_array_length(payload) AS notices, available_at > engine.clock() AS later FROM engine.outbox`)).toEqual([{ notices: expect.any(Number), later: true }]);
  await expect(relayBatch(house.dataSource, 1_000, () => Promise.reject(new Error('no bus')))).resolves.toMatchObject({ taken: 0 });
});

it('a long line that waits for its turn costs other claims little, whatever the planner thinks of lines', async () => {
  const fill = (count: number, recipient: string): Promise<unknown> =>
    house.query(`INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key) SELECT gen_random_uuid(), 'telegram', ${recipient}, 'text', '{}', gen_random_uuid()::text FROM generate_series(1, ${count}) n`);
  const quickest = async (): Promise<number> => {
    const times: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      const began = performance.now();
      const claimed = await claim({ limit: 64 });
      times.push(performance.now() - began);
      expect([claimed.length, claimed.some(({ recipient }) => recipient === '-100')]).toEqual([64, false]);
    }
    return Math.min(...times);
  };
  await fill(500, `'-100'`);
  await fill(2_560, 'n::text');
  await house.query(`INSERT INTO notices.mailbox (channel, address, free_at) VALUES ('telegram', '-100', engine.clock() + interval '1 hour'); ANALYZE notices.notice`);
  const beside = await quickest();
  await house.query(`DELETE FROM notices.notice WHERE recipient = '-100'`);
  // It was twenty times as long while each notice of the line had the whole line sorted; now it is a little longer.
  expect(beside / (await quickest())).toBeLessThan(8);
});

it('a thousand are claimed by one statement and settled by another', async () => {
  await house.query(
    `INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key) SELECT gen_random_uuid(), 'telegram', n::text, 'text', '{}', 'many.' || n FROM generate_series(1, 1000) n`,
  );
  const claimed = await claim({ limit: 1_000 });
  expect(claimed).toHaveLength(1_000);
  expect(await notices.settle(claimed.map((one) => ({ claim: one, delivery: SENT, pause: NO_PAUSE })))).toEqual(Array.from({ length: 1_000 }, () => true));
  expect(await notices.list({ status: 'sent', limit: 1_001 })).toHaveLength(1_000);
});
