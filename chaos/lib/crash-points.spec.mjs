import { describe, expect, it } from '@jest/globals';
import { CRASH_POINTS, commitPoint, FIRING_POINTS, idsIn, transactionKind } from './crash-points.mjs';

const RUN = '01a20fb8-ec18-7374-8df9-2e5f0ec70820';
const SCHEDULE = '01a20fb8-ec4c-78fe-ac37-d6d179843b1c';

describe('a transaction', () => {
  it('is a ring although it creates a run as well', () => expect(transactionKind(['INSERT INTO engine.run (id) SELECT 1', 'INSERT INTO engine.occurrence VALUES ($1)'])).toBe('ring'));
  it('is of no kind when it only reads', () => expect(transactionKind(['SELECT 1', 'SELECT * FROM engine.run'])).toBeUndefined());
  it('that files a notice is where a reminder fires', () => expect(transactionKind(['UPDATE memory.reminder SET fired = true', 'WITH filed AS (INSERT INTO notices.notice (id) SELECT 1)'])).toBe('fire'));
  it('of every kind has a point on each side of its commit', () => {
    const points = [...CRASH_POINTS, ...FIRING_POINTS];
    const kinds = new Set(points.filter((point) => point.endsWith('commit')).map((point) => point.split(': ')[0]));
    for (const kind of kinds) expect(points).toEqual(expect.arrayContaining(['before', 'during', 'after'].map((when) => commitPoint(kind, when))));
  });
  it('that relays has the points of what it does', () => expect([commitPoint('relay', 'before'), commitPoint('relay', 'after')]).toEqual([undefined, 'relay: after delete']));
});

it('ids are found in values, lists and JSON', () => {
  expect(idsIn([RUN, 7, null, [SCHEDULE], JSON.stringify([{ run_id: RUN }])])).toEqual([RUN, SCHEDULE, RUN]);
});
