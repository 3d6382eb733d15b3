import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cron, dailyAt, days, decideMisfires, every, fireAll, fireOnce, hours, minutes, nextDue, OWED_AT_ONCE, owedSince, seconds, skipBeyond } from './index.js';
import type { MisfirePolicy, TimeTrigger, TriggerDefinition } from './index.js';

const at = (text: string): Date => new Date(text);
const time = (definition: TriggerDefinition<unknown>): TimeTrigger => definition.trigger as TimeTrigger;
const anchor = at('2026-01-05T08:00:00Z');

describe('every', () => {
  const quarter = time(every(minutes(15)));
  it.each([
    ['well before the anchor', '2025-12-01T00:00:00Z', '2026-01-05T08:15:00.000Z'],
    ['a millisecond before the anchor', '2026-01-05T07:59:59.999Z', '2026-01-05T08:15:00.000Z'],
    ['on the anchor', '2026-01-05T08:00:00Z', '2026-01-05T08:15:00.000Z'],
    ['a millisecond before a boundary', '2026-01-05T08:14:59.999Z', '2026-01-05T08:15:00.000Z'],
    ['on a boundary', '2026-01-05T08:15:00Z', '2026-01-05T08:30:00.000Z'],
    ['a year later', '2027-01-05T08:07:00Z', '2027-01-05T08:15:00.000Z'],
  ])('asked %s', (_when, after, expected) => {
    expect(nextDue(quarter, at(after), anchor)?.toISOString()).toBe(expected);
  });

  it('with runAtOnce is also due at its anchor, once', () => {
    const eager = time(every(minutes(15), { runAtOnce: true }));
    expect(owedSince(eager, at('2026-01-05T07:59:59.999Z'), at('2026-01-05T08:15:00Z'), anchor).owed.map((one) => one.toISOString())).toEqual(['2026-01-05T08:00:00.000Z', '2026-01-05T08:15:00.000Z']);
    expect(nextDue(eager, anchor, anchor)?.toISOString()).toBe('2026-01-05T08:15:00.000Z');
  });

  it('owes exactly the multiples since the anchor that lie after the cursor', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 90_000_000 }), fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 1e8 }), (everyMs, cursorOffset, span) => {
        const cursor = new Date(anchor.getTime() + cursorOffset);
        const now = new Date(cursor.getTime() + span);
        const { owed, more } = owedSince(time(every(everyMs)), cursor, now, anchor);
        const expected: number[] = [];
        const first = Math.max(1, Math.floor(cursorOffset / everyMs) + 1);
        for (let n = first; anchor.getTime() + n * everyMs <= now.getTime() && expected.length < OWED_AT_ONCE; n += 1) expected.push(anchor.getTime() + n * everyMs);
        expect(owed.map((one) => one.getTime())).toEqual(expected);
        expect(more).toBe(anchor.getTime() + (first + OWED_AT_ONCE) * everyMs <= now.getTime());
      }),
      { numRuns: 200 },
    );
  });
});

describe('cron', () => {
  const next = (definition: TriggerDefinition<unknown>, after: string, count: number): string[] => {
    const found: string[] = [];
    for (let from: Date | null = at(after); from && found.length < count; ) {
      from = nextDue(time(definition), from, anchor);
      if (from) found.push(from.toISOString());
    }
    return found;
  };

  it.each([
    ['reads its zone', cron('0 9 * * *', 'Asia/Tehran'), '2026-01-05T00:00:00Z', ['2026-01-05T05:30:00.000Z', '2026-01-06T05:30:00.000Z']],
    ['is strictly after', dailyAt('02:00'), '2026-01-05T02:00:00Z', ['2026-01-06T02:00:00.000Z']],
    ['includes the next millisecond', dailyAt('02:00'), '2026-01-05T01:59:59.999Z', ['2026-01-05T02:00:00.000Z']],
    ['knows leap days', cron('0 0 29 2 *'), '2026-01-01T00:00:00Z', ['2028-02-29T00:00:00.000Z', '2032-02-29T00:00:00.000Z']],
    ['knows last days', cron('0 12 L * *'), '2026-01-31T12:00:00Z', ['2026-02-28T12:00:00.000Z', '2026-03-31T12:00:00.000Z']],
    ['knows the first Monday', cron('0 9 * * MON#1'), '2026-01-01T00:00:00Z', ['2026-01-05T09:00:00.000Z', '2026-02-02T09:00:00.000Z']],
    ['has seconds', cron('*/20 * * * * *'), '2026-01-05T08:00:01Z', ['2026-01-05T08:00:20.000Z', '2026-01-05T08:00:40.000Z']],
    // 02:30 does not exist in Berlin on 29 March: it moves to 03:00 and is never left out.
    ['moves over a gap', dailyAt('02:30', 'Europe/Berlin'), '2026-03-28T12:00:00Z', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']],
    ['moves over a gap in New York', dailyAt('02:30', 'America/New_York'), '2026-03-07T12:00:00Z', ['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z']],
    // 02:30 comes twice in Berlin on 25 October: the first counts.
    ['rings once in an overlap', dailyAt('02:30', 'Europe/Berlin'), '2026-10-24T12:00:00Z', ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']],
    ['rings every hour of an overlap', cron('0 * * * *', 'Europe/Berlin'), '2026-10-24T23:30:00Z', ['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z', '2026-10-25T03:00:00.000Z']],
    ['rings every half hour around a gap', cron('*/30 * * * *', 'Europe/Berlin'), '2026-03-29T00:00:00Z', ['2026-03-29T00:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-29T01:30:00.000Z']],
  ])('%s', (_what, definition, after, expected) => {
    expect(next(definition, after, expected.length)).toEqual(expected);
  });

  it('that never comes is refused where it is written', () => {
    expect(() => cron('0 0 30 2 *')).toThrow('cron("0 0 30 2 *") is never due: no day of any year matches it');
  });

  // Brute force: ask a calendar about every minute of a window and compare. Windows with a clock change have rules of their own, above.
  it('owes what a scan of every minute finds', () => {
    const zones = ['UTC', 'Asia/Tehran', 'Asia/Kathmandu', 'America/Bogota', 'Asia/Tokyo'];
    const field = (max: number): fc.Arbitrary<{ text: string; holds: (value: number) => boolean }> =>
      fc.oneof(
        fc.constant({ text: '*', holds: () => true }),
        fc.integer({ min: 0, max }).map((one) => ({ text: String(one), holds: (value: number) => value === one })),
        fc.integer({ min: 2, max: 20 }).map((step) => ({ text: `*/${step}`, holds: (value: number) => value % step === 0 })),
      );
    fc.assert(
      fc.property(field(59), field(23), fc.constantFrom(...zones), fc.integer({ min: 0, max: 500_000 }), (minute, hour, zone, startMinute) => {
        const from = new Date(Date.UTC(2026, 0, 1) + startMinute * 60_000 + 17_000);
        const to = new Date(from.getTime() + hours(14));
        const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
        const scanned: string[] = [];
        for (let tick = Math.floor(from.getTime() / 60_000) * 60_000 + 60_000; tick <= to.getTime(); tick += 60_000) {
          const [h, m] = clock.format(tick).split(':').map(Number) as [number, number];
          if (minute.holds(m) && hour.holds(h)) scanned.push(new Date(tick).toISOString());
        }
        expect(owedSince(time(cron(`${minute.text} ${hour.text} * * *`, zone)), from, to, anchor).owed.map((one) => one.toISOString())).toEqual(scanned);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a backlog longer than one look', () => {
  /** What a scheduler does: look, decide, move the cursor to the last decided instant, until no more is owed. */
  const lookThrough = (policy: MisfirePolicy, trigger: TimeTrigger, from: Date, now: Date): { decided: string[]; fired: string[] } => {
    const decided: string[] = [];
    const fired: string[] = [];
    let cursor = from;
    for (let part = { continued: false, more: true }; part.more; part = { continued: true, more: part.more }) {
      const look = owedSince(trigger, cursor, now, from);
      part.more = look.more;
      for (const one of decideMisfires(policy, look.owed, now, part)) {
        decided.push(one.scheduledFor.toISOString());
        if (one.fire) fired.push(one.scheduledFor.toISOString());
        cursor = one.scheduledFor;
      }
    }
    return { decided, fired };
  };

  const second = time(every(seconds(1)));
  const whole = Array.from({ length: 2_503 }, (_none, n) => new Date(anchor.getTime() + (n + 1) * 1_000).toISOString());
  const now = at(whole.at(-1) ?? '');
  it.each<[string, MisfirePolicy, string[]]>([
    ['fireOnce latest', fireOnce(), whole.slice(-1)],
    ['fireOnce earliest', fireOnce('earliest'), whole.slice(0, 1)],
    ['fireAll(10)', fireAll(10), whole.slice(-10)],
    ['fireAll(500), which spans two looks', fireAll(500), whole.slice(-500)],
    ['skipBeyond(2 s)', skipBeyond(seconds(2)), whole.slice(-3)],
  ])('is decided once per instant, and fires as if seen at once: %s', (_name, policy, fired) => {
    expect(lookThrough(policy, second, anchor, now)).toEqual({ decided: whole, fired });
  });

  it('lists at most a thousand and says that more are owed', () => {
    expect(owedSince(second, anchor, new Date(anchor.getTime() + OWED_AT_ONCE * 1_000), anchor)).toMatchObject({ more: false });
    const over = owedSince(second, anchor, new Date(anchor.getTime() + (OWED_AT_ONCE + 1) * 1_000), anchor);
    expect([over.owed.length, over.more]).toEqual([OWED_AT_ONCE, true]);
    expect(owedSince(time(every(days(1))), anchor, anchor, anchor)).toEqual({ owed: [], more: false });
  });
});
