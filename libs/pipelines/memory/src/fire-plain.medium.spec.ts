/** What is fired in one statement comes out as the rules would have it: reminders of every sort are fired both ways, and both leave the same. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EntityManager } from 'typeorm';
import { memoryUnderTest } from './memory.fixture.js';
import type { MemoryUnderTest } from './memory.fixture.js';
import { fireAll } from './steps/fire-due-reminders.js';
import { claimDueReminders } from './store/due-reminders.js';
import { firePlain } from './store/fire-plain.js';

const GRACE_MS = 600_000;
const RUN = '01890000-0000-7000-8000-000000000001';
const PEOPLE = { utc: {}, berlin: { timeZone: 'Europe/Berlin' }, quiet: { timeZone: 'Asia/Tehran', quietFrom: '00:00', quietTo: '23:59' }, unquiet: { timeZone: 'America/New_York', quietFrom: '03:00', quietTo: '03:01' } };

let sut: MemoryUnderTest;
beforeAll(async () => {
  sut = await memoryUnderTest();
  for (const [id, setting] of Object.entries(PEOPLE)) await sut.person(id, setting);
});
afterAll(() => sut.bell.close());

interface Sort {
  owner: keyof typeof PEOPLE;
  /** Against the time at which it is fired; with a fraction of a millisecond, as Postgres keeps it. */
  lateMicros: number;
  text: string | null;
  memory: 'none' | 'note' | 'image';
  recurrence: object | null;
  policy: string;
  arming: number;
  tokenless: boolean;
  failures: number;
}

const daily = { kind: 'rule', rule: 'FREQ=DAILY', start: '2026-01-01T09:00:00', timeZone: 'Europe/Berlin' };
const SORTS: fc.Arbitrary<Sort> = fc.record({
  owner: fc.constantFrom('utc', 'utc', 'berlin', 'berlin', 'quiet', 'unquiet'),
  lateMicros: fc.oneof(fc.constantFrom(0, 1, 999, 1_000, 59_999_999, 60_000_000, 599_999_999, 600_000_000, 600_001_000), fc.integer({ min: 0, max: 3 * 86_400_000_000 })),
  text: fc.oneof(fc.constant(null), fc.constantFrom('', 'water "the" plants', '%', 'خرید شیر', 'a\\b\n\t\u0001'), fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\u0000', ''))),
  memory: fc.constantFrom('none', 'note', 'image'),
  recurrence: fc.oneof(fc.constant(null), fc.constantFrom(1, 2, 10, 1_440, 100_000).map((minutes) => ({ kind: 'minutes', minutes })), fc.constant(daily)),
  policy: fc.constantFrom('coalesce', 'all', 'skip'),
  arming: fc.constantFrom(0, 0, 0, 0, 0, 1),
  tokenless: fc.constantFrom(false, false, false, false, false, true),
  failures: fc.constantFrom(0, 0, 2),
});

it('fires in one statement what needs no thought, exactly as the rules have it', async () => {
  let plain = 0;
  let thought = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(SORTS, { minLength: 1, maxLength: 25, size: 'max' }), async (sorts) => {
      const now = new Date();
      const both = await fired(sorts, now, async (manager) => {
        const { fired: count, rest } = await firePlain(manager, RUN, now, sorts.length, GRACE_MS);
        plain += count;
        thought += rest.length;
        expect(count + rest.length).toBe(sorts.length);
        await fireAll(manager, RUN, now, rest, GRACE_MS);
      });
      const rules = await fired(sorts, now, async (manager) => void (await fireAll(manager, RUN, now, await claimDueReminders(manager, now, sorts.length), GRACE_MS)));
      expect(both).toEqual(rules);
      expect(rules.reminders.length).toBeGreaterThanOrEqual(sorts.length);
    }),
    { numRuns: 40 },
  );
  // Otherwise one way would have been compared with itself.
  expect(plain).toBeGreaterThan(20);
  expect(thought).toBeGreaterThan(20);
});

it('leaves to the rules what is told one by one, so that each stands behind the one that it follows', async () => {
  const always: Sort = { owner: 'utc', lateMicros: 1_000, text: 'hourly', memory: 'none', recurrence: { kind: 'minutes', minutes: 60 }, policy: 'all', arming: 0, tokenless: false, failures: 0 };
  const handedOver: string[] = [];
  await fired([always, { ...always, policy: 'coalesce', text: 'told together' }], new Date(), async (manager) => {
    const { fired: count, rest } = await firePlain(manager, RUN, new Date(), 10, GRACE_MS);
    handedOver.push(`${count} fired`, ...rest.map(({ text }) => String(text)));
  });
  expect(handedOver).toEqual(['1 fired', 'hourly']);
});

/** What it left, without what is made by chance; then it is undone. */
async function fired(sorts: readonly Sort[], now: Date, how: (manager: EntityManager) => Promise<void>): Promise<Record<'reminders' | 'due' | 'notices' | 'promises' | 'audit', unknown[]>> {
  const runner = (await sut.bell.database()).createQueryRunner();
  await runner.startTransaction();
  const { manager } = runner;
  try {
    for (const [nth, { owner, lateMicros, text, memory, recurrence, policy, arming, tokenless, failures }] of sorts.entries()) {
      const id = (kind: number): string => `00000000-0000-4000-800${kind}-${String(nth).padStart(12, '0')}`;
      if (memory !== 'none') await manager.query(`INSERT INTO memory.memory (id, owner_id, content, status, media_type, media_path) VALUES ($1, $2, $3, 'confirmed', $4, $5)`, [id(1), owner, memory === 'image' ? null : 'a note', memory === 'image' ? 'image' : null, memory === 'image' ? 'a.png' : null]);
      await manager.query(
        `INSERT INTO memory.reminder (id, series_id, owner_id, memory_id, text, fire_at, due_at, recurrence, missed_policy, arming, token, failures)
         SELECT $1, $1, $2, $3, $4, at, CASE WHEN $10 > 0 THEN $5 ELSE at END, $7, $8, $9, $11, $10 FROM (SELECT $5::timestamptz - $6 * interval '1 microsecond' AS at) t`,
        [id(0), owner, memory === 'none' ? null : id(1), text, now, lateMicros, recurrence && JSON.stringify(recurrence), policy, arming, failures, tokenless ? null : `token-of-reminder-${nth}`],
      );
    }
    await how(manager);
    const [left] = await manager.query<[Record<string, unknown[]>]>(LEFT, [now]);
    return JSON.parse(withoutNewTokens(JSON.stringify(left))) as Awaited<ReturnType<typeof fired>>;
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

const LEFT = `SELECT
  (SELECT json_agg(to_jsonb(r) - '{id, token, updated_at, created_at}'::text[] || jsonb_build_object('given', id::text LIKE '00000000-0000-4000%', 'token', token IS NOT NULL) ORDER BY series_id, fire_at) FROM memory.reminder r) AS reminders,
  (SELECT coalesce(json_agg(json_build_array(d.due_at, r.series_id) ORDER BY r.series_id, d.due_at), '[]') FROM memory.due d JOIN memory.reminder r ON r.id = d.reminder_id) AS due,
  (SELECT coalesce(json_agg(to_jsonb(n) - '{id, created_at, due_at}'::text[] || jsonb_build_object('waits', n.due_at > $1::timestamptz + interval '1 minute', 'until', CASE WHEN n.due_at > $1::timestamptz + interval '1 minute' THEN n.due_at END) ORDER BY n.dedupe_key), '[]') FROM notices.notice n) AS notices,
  (SELECT coalesce(json_agg(n.dedupe_key ORDER BY n.dedupe_key), '[]') FROM engine.outbox o, jsonb_array_elements(CASE jsonb_typeof(o.payload) WHEN 'array' THEN o.payload ELSE jsonb_build_array(jsonb_build_object('notice', o.payload->'notice_id')) END) AS named
     JOIN notices.notice n ON n.id::text = named->>'notice') AS promises,
  (SELECT coalesce(json_agg(json_build_array(a.owner_id, a.entity_type, r.series_id, r.fire_at, a.action, a.actor, a.detail) ORDER BY r.series_id, r.fire_at, a.action), '[]') FROM memory.audit a JOIN memory.reminder r ON r.id::text = a.entity_id) AS audit`;

const withoutNewTokens = (text: string): string => text.replace(/"token":"(?!token-of-reminder)[\w-]{22}"/g, '"token":"new"');
