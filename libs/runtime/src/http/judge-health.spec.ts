import { describe, expect, it } from '@jest/globals';
import { judgeLife, judgeReadiness } from './judge-health.js';
import type { HealthReadings } from './judge-health.js';

const signs = { blockedMs: 0, loops: { relay: 0, drum: 12 }, failing: { relay: 0, drum: 0 } };
const well: HealthReadings = { database: 'ok', nats: 'ok', relayLagMs: 3, heartbeatAgeMs: 900, signs };

describe('a process is ready', () => {
  it('when everything it needs answers', () => expect(judgeReadiness(well)).toMatchObject({ status: 'ready', reasons: [], loops: { drum: 12 } }));

  it.each<[string, Partial<HealthReadings>, string]>([
    ['the database is away', { database: 'unreachable', heartbeatAgeMs: null }, 'the database: unreachable'],
    ['NATS is away', { nats: 'disconnected' }, 'NATS: disconnected'],
    ['messages do not get through', { relayLagMs: 30_000 }, 'promised messages have waited for 30000 ms'],
    ['its heartbeat thread is dead', { heartbeatAgeMs: 15_000 }, 'the heartbeat thread last wrote 15000 ms ago'],
    ['its row is gone', { heartbeatAgeMs: null }, "this process's row in engine.service is gone"],
    ['its drum does not look at the schedules', { signs: { ...signs, loops: { relay: 0, drum: 30_000 } } }, 'the loop "drum" is overdue by 30000 ms'],
    ['its drum fails at every look', { signs: { ...signs, failing: { drum: 31_000 } } }, 'the loop "drum" has failed for 31000 ms'],
  ])('but not when %s', (_what, change, reason) => expect(judgeReadiness({ ...well, ...change })).toMatchObject({ status: 'not ready', reasons: [reason] }));
});

describe('a process is alive', () => {
  it.each<[string, Parameters<typeof judgeLife>[1], string[]]>([
    ['when its loops turn', signs, []],
    ['also while the database is away and its loops try again', { blockedMs: 3_000, loops: { relay: 31_000 }, failing: { relay: 999_000 } }, []],
    ['but not when its event loop stood still for long', { blockedMs: 20_000, loops: {}, failing: {} }, ['the event loop stood still for 20000 ms']],
    ['but not when a loop has hung for minutes', { blockedMs: 0, loops: { relay: 0, drum: 180_000 }, failing: {} }, ['the loop "drum" has been hanging for 180000 ms']],
  ])('%s', (_what, given, reasons) => expect(judgeLife('scheduler', given)).toEqual({ status: reasons.length === 0 ? 'live' : 'not live', service: 'scheduler', reasons }));
});
