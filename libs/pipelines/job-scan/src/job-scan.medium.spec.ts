import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BoardGone, BoardUnreachable } from './sources/errors.js';
import { ALERTS, CRITERIA, job, scanUnderTest } from './job-scan.fixture.js';
import type { ScanUnderTest } from './job-scan.fixture.js';
import { jobKey } from './rules/job-key.js';
import { muteCompany, unmute } from './store/mutes.js';

const TWO = 'sources:\n  - { name: A Corp, type: greenhouse, identifier: a }\n  - { name: B Corp, type: lever, identifier: b }\n';
const file = (...parts: string[]): string => parts.join('\n');
const DEFAULT = file(TWO, CRITERIA, ALERTS);

let scans: ScanUnderTest;
const opened: ScanUnderTest[] = [];
let shared: ScanUnderTest;
beforeAll(async () => void (shared = await opening(DEFAULT)));
afterAll(async () => void (await Promise.all(opened.map((one) => one.close()))));

async function opening(text: string): Promise<ScanUnderTest> {
  const one = await scanUnderTest(text);
  opened.push(one);
  return one;
}

/** The boards of the reference, never scanned before. Specs of the schedule need a clock of their own, the others share one. */
async function reference(text = DEFAULT, { ownClock = false } = {}): Promise<void> {
  scans = ownClock ? await opening(text) : shared;
  await scans.reset(text);
  scans.boards.greenhouse.set('a', [job('1'), job('2', { location: 'Work-from-home' }), job('3', { title: 'Lead Backend Engineer' }), job('4', { text: 'Python and Django.' }), job('5', { title: 'Backend Engineer' })]);
  scans.boards.lever.set('b', [job('1', { title: 'Staff Backend Engineer' }), job('2', { text: 'Python. To be edited.' }), job('3', { text: 'A legacy of Python.' }), job('4', { text: 'Go.' })]);
}

const told = async (type = 'job_match'): Promise<unknown[]> => (await scans.notices()).filter(({ messageType }) => messageType === type).map(({ content }) => content['title'] ?? content['state'] ?? content['count']);

describe('end validation', () => {
  it('nine are fetched and five told; again, none; one is edited, one told with what changed', async () => {
    await reference();
    expect(await scans.scan()).toMatchObject({ fetched: 9, upserted: 9, matched: 5, notified: 5, hadErrors: false });
    expect(await told()).toHaveLength(5);
    expect(await scans.scan()).toMatchObject({ fetched: 9, upserted: 0, matched: 0, notified: 0, hadErrors: false });
    scans.boards.lever.set('b', (scans.boards.lever.get('b') ?? []).map((one) => (one.id === '2' ? job('2', { text: 'Python. It was edited.' }) : one)));
    expect(await scans.scan()).toMatchObject({ fetched: 9, upserted: 1, matched: 1, notified: 1 });
    expect((await scans.notices()).at(-1)?.content).toMatchObject({ title: 'Senior Backend Engineer', changes: { added: ['It was edited.'], removed: ['To be edited.'] } });
    expect(await scans.scan()).toMatchObject({ upserted: 0, notified: 0 });
  });

  it('a source that is disabled is not asked', async () => {
    await reference(DEFAULT.replace('identifier: a }', 'identifier: a, enabled: false }'));
    expect(await scans.scan()).toMatchObject({ fetched: 4, sourceStats: [{ name: 'B Corp' }] });
    expect(scans.boards.asked.every(({ url }) => url.includes('lever'))).toBe(true);
  });

  it('one source that fails leaves the others alone, and the run has errors', async () => {
    await reference();
    scans.boards.trouble.set('/boards/a/', () => new BoardUnreachable('nobody is there'));
    const result = await scans.scan();
    expect(result).toMatchObject({ fetched: 4, notified: 2, hadErrors: true, run: { status: 'partial' }, sourceStats: [{ name: 'A Corp', hadErrors: true, errorMessage: 'nobody is there' }, { name: 'B Corp', hadErrors: false }] });
    expect(scans.boards.asked.filter(({ url }) => url.includes('/boards/a/'))).toHaveLength(3);
  });
});

it('what is stored and what is told are one: when the one fails the other is not there, and the next scan makes up for both (defects 1 and 9)', async () => {
  await reference();
  await scans.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$`);
  await scans.query('CREATE TRIGGER refuse BEFORE INSERT ON notices.notice FOR EACH ROW EXECUTE FUNCTION refuse()');
  expect(await scans.scan()).toMatchObject({ notified: 0, run: { status: 'partial' } });
  expect(await scans.query('SELECT count(*)::int AS count FROM job_scan.posting')).toEqual([{ count: 0 }]);
  await scans.query('DROP FUNCTION refuse CASCADE');
  expect(await scans.scan()).toMatchObject({ upserted: 9, notified: 5, hadErrors: false });
  expect(await told()).toHaveLength(5);
});

describe('a profile', () => {
  it('that changes is matched with everything that is stored, and what was told is not told again (defect 2)', async () => {
    await reference();
    await scans.scan();
    scans.become(file(TWO, CRITERIA.replace(', legacy', ''), ALERTS));
    expect(await scans.scan()).toMatchObject({ upserted: 0, matched: 6, notified: 1 });
    expect(await told()).toHaveLength(6);
    expect(await scans.scan()).toMatchObject({ matched: 0, notified: 0 });
    scans.become(file(TWO, CRITERIA.replace('python, ', 'cobol, '), ALERTS));
    await scans.scan();
    expect(await scans.query('SELECT * FROM job_scan.match')).toEqual([]);
  });

  it('that goes takes its matches with it', async () => {
    await reference(file(TWO, `profiles: [{ name: one, ${CRITERIA}, recipients: [a@example.org] }, { name: two, search_criteria: { required_terms: [go] } }]`, 'alerts: { first_scan: alert }'));
    await scans.scan();
    expect(await scans.query('SELECT profile, count(*)::int AS count FROM job_scan.match GROUP BY 1 ORDER BY 1')).toEqual([{ profile: 'one', count: 5 }, { profile: 'two', count: 1 }]);
    scans.become(file(TWO, `profiles: [{ name: two, search_criteria: { required_terms: [go] } }]`));
    await scans.scan();
    expect(await scans.query('SELECT DISTINCT profile FROM job_scan.match')).toEqual([{ profile: 'two' }]);
  });
});

describe('the first scan', () => {
  it('of a board is a baseline: what is there is not told, and what comes is (defect 10)', async () => {
    await reference(file(TWO, CRITERIA, 'alerts: { recipients: [me@example.org] }'));
    expect(await scans.scan()).toMatchObject({ matched: 5, notified: 0 });
    scans.boards.lever.get('b')?.push(job('9', { title: 'Lead Backend Developer' }));
    expect(await scans.scan()).toMatchObject({ matched: 1, notified: 1 });
    expect(await told()).toEqual(['Lead Backend Developer']);
  });

  it('is one digest where that is wanted', async () => {
    await reference(file(TWO, CRITERIA, 'alerts: { first_scan: digest, recipients: [me@example.org] }'));
    expect(await scans.scan()).toMatchObject({ notified: 5 });
    expect(await told('job_digest')).toEqual([5]);
    expect(await scans.scan()).toMatchObject({ notified: 0 });
    expect(await scans.notices()).toHaveLength(1);
  });
});

describe('a digest of the day', () => {
  it('waits for its time, comes once, and has what came until then', async () => {
    await reference(file(TWO, CRITERIA, 'alerts: { first_scan: alert, recipients: [me@example.org], delivery: day, digest_at: "09:00" }'), { ownClock: true });
    await scans.bell.between('2026-03-02T08:00', '2026-03-02T08:50');
    expect(await scans.notices()).toEqual([]);
    scans.boards.lever.get('b')?.push(job('9', { title: 'Lead Backend Developer' }));
    const story = await scans.bell.between('2026-03-02T08:50', '2026-03-02T09:40');
    expect(story.notices.map(({ messageType, content }) => [messageType, content['count']])).toEqual([['job_digest', 6]]);
    await scans.bell.between('2026-03-02T09:40', '2026-03-02T10:10');
    expect(await scans.notices()).toHaveLength(1);
  });
});

describe('a board', () => {
  it('that fails keeps when it last worked (defect 3), and is told after so many failures, and when it works again', async () => {
    await reference();
    await scans.scan();
    const [{ worked } = { worked: null }] = await scans.query<{ worked: Date | null }>(`SELECT last_success_at AS worked FROM job_scan.source WHERE type = 'greenhouse'`);
    scans.boards.trouble.set('/boards/a/', () => new BoardUnreachable('nobody is there'));
    for (let n = 0; n < 4; n += 1) await scans.scan();
    expect(await scans.query(`SELECT last_success_at AS worked, failures_in_row AS failures, state, last_error AS error FROM job_scan.source WHERE type = 'greenhouse'`)).toEqual([{ worked, failures: 4, state: 'failing', error: 'nobody is there' }]);
    scans.boards.trouble.clear();
    await scans.scan();
    expect(await told('job_board')).toEqual(['failing', 'recovered']);
  });

  it('in trouble is told to whoever hears of matches, each once, unless somebody is named for it, or nobody', async () => {
    const toldTo = async (alerts: string): Promise<string[]> => {
      await reference(file(TWO, `profiles: [{ name: one, ${CRITERIA}, recipients: [a@example.org, b@example.org] }, { name: two, ${CRITERIA}, recipients: [b@example.org, "channel:jobs"], channels: [slack] }]`, `alerts: ${alerts}`));
      await scans.scan();
      scans.boards.trouble.set('/boards/a/', () => new BoardGone('answered 404'));
      await scans.scan();
      return (await scans.query<{ told: string }>(`SELECT channel || ' ' || recipient AS told FROM notices.notice WHERE message_type = 'job_board' ORDER BY 1`)).map(({ told: who }) => who);
    };
    expect(await toldTo('{}')).toEqual(['email a@example.org', 'email b@example.org', 'slack b@example.org', 'slack channel:jobs']);
    expect(await toldTo('{ board_channel: telegram }')).toEqual(['telegram a@example.org', 'telegram b@example.org', 'telegram channel:jobs']);
    expect(await toldTo('{ board_recipients: [ops@example.org] }')).toEqual(['email ops@example.org']);
    expect(await toldTo('{ board_recipients: [] }')).toEqual([]);
  });

  it('that is gone is an error, told at once (defect 5), and its postings stay as they were', async () => {
    await reference();
    await scans.scan();
    scans.boards.trouble.set('/boards/a/', () => new BoardGone('answered 404'));
    expect(await scans.scan()).toMatchObject({ hadErrors: true, run: { status: 'partial' } });
    expect(await told('job_board')).toEqual(['gone']);
    expect(await scans.query('SELECT count(*)::int AS closed FROM job_scan.posting WHERE closed_at IS NOT NULL')).toEqual([{ closed: 0 }]);
  });

  it('that suddenly has nothing is told, and believed the second time', async () => {
    await reference();
    await scans.scan();
    scans.boards.lever.set('b', []);
    expect(await scans.scan()).toMatchObject({ sourceStats: [{}, { closed: 0 }] });
    expect(await told('job_board')).toEqual(['empty']);
    expect(await scans.scan()).toMatchObject({ sourceStats: [{}, { closed: 4 }] });
  });

  it('whose postings go and come again sees both (defect 11), and tells nothing twice', async () => {
    await reference();
    await scans.scan();
    const all = scans.boards.lever.get('b') ?? [];
    scans.boards.lever.set('b', all.slice(1));
    expect(await scans.scan()).toMatchObject({ sourceStats: [{}, { closed: 1 }] });
    scans.boards.lever.set('b', all);
    expect(await scans.scan()).toMatchObject({ notified: 0, sourceStats: [{}, { reopened: 1 }] });
    expect(await scans.query('SELECT reopenings FROM job_scan.posting WHERE reopened_at IS NOT NULL AND closed_at IS NULL')).toEqual([{ reopenings: 1 }]);
  });

  it('that posts a closed job anew, under another id, is told as that (defect 11)', async () => {
    await reference();
    await scans.scan();
    const [first, ...rest] = scans.boards.lever.get('b') ?? [];
    scans.boards.lever.set('b', rest);
    await scans.scan();
    scans.boards.lever.set('b', [...rest, job('77', { title: first?.title ?? '' })]);
    expect(await scans.scan()).toMatchObject({ upserted: 1, notified: 1 });
    expect((await scans.notices()).at(-1)?.content).toMatchObject({ title: 'Staff Backend Engineer', again_since: expect.stringMatching(/^2026-/) });
  });

  it('that posts a job for the third time tells when the first of them was first seen, and another job of the same title is none of them', async () => {
    await reference();
    const text = 'We write Python for banks all over Europe, and look for you in our team.';
    const postedAs = async (id: string, change = {}): Promise<unknown> => {
      scans.boards.lever.set('b', [job('1'), job(id, { title: 'Lead Backend Engineer', text, ...change })]);
      await scans.scan();
      await scans.query(`UPDATE job_scan.posting SET first_seen_at = first_seen_at - interval '1 day'`);
      return (await scans.notices()).at(-1)?.content['again_since'];
    };
    expect(await postedAs('70')).toBeUndefined();
    const [{ at } = { at: null }] = await scans.query<{ at: Date | null }>(`SELECT first_seen_at AS at FROM job_scan.posting WHERE external_id = '70'`);
    const first = at?.toISOString();
    expect(await postedAs('71')).toEqual(first);
    expect(await postedAs('72')).toEqual(new Date(Date.parse(first ?? '') - 86_400_000).toISOString());
    expect(await postedAs('73', { text: 'The hospital needs somebody for Python on its machines at night and on weekends.' })).toBeUndefined();
  });

  it('that edits the layout alone has it stored, and nobody is told (defect 12); who was not told of the version before is told of this one', async () => {
    const [text, laidOut] = ['We write Python. You know SQL.', '<p>We  write <b>Python</b></p><ul><li>You know SQL!</li></ul>'];
    const two = (more: string): string => file(TWO, CRITERIA, `profiles: [{ name: picky, ${CRITERIA}, recipients: [picky@example.org]${more} }]`, ALERTS);
    await reference(two(', minimum_score: 100'));
    scans.boards.lever.set('b', []);
    scans.boards.greenhouse.set('a', [job('1', { text })]);
    expect(await scans.scan()).toMatchObject({ matched: 2, notified: 1 });
    scans.boards.greenhouse.set('a', [job('1', { text: laidOut })]);
    expect(await scans.scan()).toMatchObject({ upserted: 1, matched: 2, notified: 0 });
    expect(await scans.query('SELECT description FROM job_scan.posting')).toEqual([{ description: 'We write Python\n\n• You know SQL!' }]);
    expect(await scans.query('SELECT profile, decision FROM job_scan.alert ORDER BY at, profile, decision')).toEqual(
      expect.arrayContaining([{ profile: 'default', decision: 'cosmetic' }, { profile: 'default', decision: 'posting' }]),
    );
    // The other profile had nobody told of either version, so what it is now is told, whatever changed.
    scans.become(two(''));
    expect(await scans.scan()).toMatchObject({ notified: 1 });
    expect((await scans.notices()).map(({ recipient }) => recipient)).toEqual(['me@example.org', 'picky@example.org']);
    // And the next word that changes is told to both.
    scans.boards.greenhouse.set('a', [job('1', { text: laidOut.replace('SQL', 'Go') })]);
    expect(await scans.scan()).toMatchObject({ notified: 2 });
  });

  it('that says of a posting what a filter waited for tells it then, and not again', async () => {
    await reference(file(TWO, CRITERIA, 'filters: { remote: true }', ALERTS));
    scans.boards.greenhouse.clear();
    scans.boards.lever.set('b', [job('1', { location: 'Berlin', text: 'Python. Work-from-home is a dream.', workplaceType: 'on-site' })]);
    expect(await scans.scan()).toMatchObject({ matched: 0, notified: 0 });
    scans.boards.lever.set('b', [job('1', { location: 'Berlin', text: 'Python. Work-from-home is a dream.', workplaceType: 'remote' })]);
    expect(await scans.scan()).toMatchObject({ upserted: 0, matched: 1, notified: 1 });
    scans.boards.lever.set('b', [job('1', { location: 'Berlin', text: 'Python. Work-from-home is a dream.', workplaceType: 'remote', createdAt: Date.parse('2026-02-01T08:00:00Z') })]);
    expect(await scans.scan()).toMatchObject({ matched: 1, notified: 0 });
  });

  it('that an older reader read is read once more, whatever its ETag and bytes say; what only the reader changed is stored and not told', async () => {
    await reference();
    scans.boards.greenhouse.set('a', []);
    await scans.scan();
    // As if an older version had found another text in the same bytes, and the board had an ETag.
    await scans.query(`UPDATE job_scan.posting SET description = 'What was read then.', content_hash = md5(job_key)`);
    await scans.query(`UPDATE job_scan.alert SET content_hash = md5(job_key)`);
    await scans.query(`UPDATE job_scan.source SET validators = '{"etag": "x"}', read_by = 'older' WHERE type = 'lever'`);
    scans.boards.asked.splice(0);
    expect(await scans.scan()).toMatchObject({ upserted: 4, matched: 2, notified: 0, sourceStats: [{ unchanged: true }, { unchanged: false }] });
    expect(scans.boards.asked.filter(({ url }) => url.includes('/postings/b')).map(({ validators }) => validators)).toEqual([undefined]);
    expect(await scans.query(`SELECT count(*)::int AS count FROM job_scan.posting WHERE description = 'What was read then.'`)).toEqual([{ count: 0 }]);
    expect(await scans.scan()).toMatchObject({ upserted: 0, sourceStats: [{}, { unchanged: true }] });
    // A board that answers something else is news as ever, whoever reads it.
    await scans.query(`UPDATE job_scan.source SET read_by = 'older'`);
    scans.boards.lever.set('b', (scans.boards.lever.get('b') ?? []).map((one) => (one.id === '2' ? job('2', { text: 'Python. It was edited.' }) : one)));
    expect(await scans.scan()).toMatchObject({ upserted: 1, notified: 1 });
  });

  it('that edits or opens again what was seen long ago tells since when it is known, and it does not become new for a filter by age', async () => {
    const filtered = file(TWO, CRITERIA, `profiles: [{ name: fresh, ${CRITERIA}, filters: { posted_within: 7d }, recipients: [fresh@example.org] }]`, ALERTS);
    await reference(filtered);
    await scans.scan();
    await scans.query(`UPDATE job_scan.posting SET first_seen_at = first_seen_at - interval '30 days'`);
    const [{ at } = { at: null }] = await scans.query<{ at: Date | null }>('SELECT first_seen_at AS at FROM job_scan.posting LIMIT 1');
    const all = scans.boards.lever.get('b') ?? [];
    const edited = all.map((one) => (one.id === '2' ? job('2', { text: 'Python. It was edited.' }) : one));
    scans.boards.lever.set('b', edited);
    expect(await scans.scan()).toMatchObject({ matched: 1, notified: 1 });
    expect((await scans.notices()).at(-1)).toMatchObject({ recipient: 'me@example.org', content: { first_seen_at: at?.toISOString() } });
    scans.boards.lever.set('b', edited.slice(2));
    await scans.scan();
    scans.boards.lever.set('b', edited.map((one) => (one.id === '2' ? job('2', { text: 'Python. It was edited once more.' }) : one)));
    expect(await scans.scan()).toMatchObject({ notified: 1, sourceStats: [{}, { reopened: 2 }] });
    expect((await scans.notices()).at(-1)).toMatchObject({ recipient: 'me@example.org', content: { first_seen_at: at?.toISOString(), changes: { added: ['It was edited once more.'] } } });
    expect(await scans.query(`SELECT DISTINCT first_seen_at AS at FROM job_scan.posting`)).toEqual([{ at }]);
  });

  it('that answers the very same is seen, matched with a changed profile, and read anew when the configuration calls it something else', async () => {
    await reference();
    scans.boards.lever.clear();
    await scans.scan();
    const seen = async (): Promise<Date | undefined> => (await scans.query<{ at: Date }>(`SELECT last_complete_at AS at FROM job_scan.source WHERE type = 'greenhouse'`))[0]?.at;
    const before = await seen();
    await scans.query(`UPDATE job_scan.source SET last_complete_at = last_complete_at - interval '1 day'`);
    scans.become(file(TWO, CRITERIA.replace(', legacy', '').replace('django', 'cobol'), ALERTS));
    expect(await scans.scan()).toMatchObject({ sourceStats: [{ unchanged: true, upserted: 0, matched: 4, closed: 0 }, {}], notified: 1 });
    // The clock stands still between runs by hand, so the day before was overwritten with the same instant.
    expect(before).toBeInstanceOf(Date);
    expect(await seen()).toEqual(before);
    scans.become(file(TWO.replace('A Corp', 'Alpha'), CRITERIA.replace(', legacy', '').replace('django', 'cobol'), ALERTS));
    expect(await scans.scan()).toMatchObject({ sourceStats: [{ unchanged: false, upserted: 0 }, {}], notified: 0 });
    expect(await scans.query(`SELECT DISTINCT company FROM job_scan.posting WHERE source_type = 'greenhouse'`)).toEqual([{ company: 'Alpha' }]);
  });

  it('with the name of another of another kind is another board (defect 16)', async () => {
    scans = shared;
    await scans.reset(file('sources:\n  - { name: A, type: greenhouse, identifier: same }\n  - { name: B, type: lever, identifier: same }', CRITERIA, ALERTS));
    scans.boards.lever.set('same', [job('1')]);
    scans.boards.trouble.set('/boards/same/', () => new BoardUnreachable('nobody is there'));
    await scans.scan();
    expect(await scans.query('SELECT type, state FROM job_scan.source ORDER BY type')).toEqual([{ type: 'greenhouse', state: 'failing' }, { type: 'lever', state: 'healthy' }]);
  });

  it('is read up to the cap, says how much was left out, and closes nothing', async () => {
    await reference(file(TWO, CRITERIA, ALERTS, 'advanced: { max_jobs_per_source: 3 }'));
    expect(await scans.scan()).toMatchObject({ fetched: 6, sourceStats: [{ cappedBy: 2 }, { cappedBy: 1 }] });
    scans.boards.lever.get('b')?.reverse();
    expect(await scans.scan()).toMatchObject({ sourceStats: [{}, { closed: 0, upserted: 1 }] });
  });

  it('of which one posting can not be read has the others, and the run says so', async () => {
    await reference();
    scans.boards.lever.get('b')?.push({ id: '', title: 'No id', text: '' });
    const result = await scans.scan();
    expect(result).toMatchObject({ notified: 5, hadErrors: true, sourceStats: [{ hadErrors: false }, { fetched: 5, normalized: 4, errorCount: 1, problems: ['id must be text, and is string'] }] });
  });
});

describe('the same job', () => {
  const both = { text: 'We write Python for banks all over Europe, and look for you in our team.', location: 'Remote' };
  it('at two boards is told once (defect 13)', async () => {
    scans = shared;
    await scans.reset(file('sources:\n  - { name: Acme Inc, type: greenhouse, identifier: a }\n  - { name: ACME, type: lever, identifier: b }', CRITERIA, ALERTS));
    scans.boards.greenhouse.set('a', [job('1', { ...both, title: 'Senior Backend Engineer (m/f/d)' })]);
    scans.boards.lever.set('b', [job('7', both)]);
    expect(await scans.scan()).toMatchObject({ matched: 2, notified: 1 });
    expect(await told()).toHaveLength(1);
  });
});

it('a digest of each run is one notice a run, the best first, and what it told is not told again', async () => {
  await reference(file(TWO, CRITERIA, 'alerts: { first_scan: alert, recipients: [me@example.org], delivery: run, digest_limit: 3 }'));
  expect(await scans.scan()).toMatchObject({ notified: 5 });
  const [digest] = await scans.notices();
  expect(digest?.content).toMatchObject({ profile: 'default', of: 'run', count: 5, entries: { length: 3 } });
  const scores = (digest?.content['entries'] as { score: number }[]).map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  expect(await scans.scan()).toMatchObject({ notified: 0 });
  scans.boards.lever.get('b')?.push(job('9', { title: 'Lead Backend Developer' }));
  expect(await scans.scan()).toMatchObject({ notified: 1 });
  expect((await scans.notices()).map(({ messageType, content }) => [messageType, content['count']])).toEqual([['job_digest', 5], ['job_digest', 1]]);
});

it('a muted posting is matched and not told, and told again from its next change on when it is not muted any more', async () => {
  await reference();
  const key = jobKey('lever', 'b', '2');
  scans.boards.lever.set('b', []);
  await scans.scan();
  await scans.query(`INSERT INTO job_scan.mute (kind, value, label, at) VALUES ('posting', $1, 'x', now())`, [key]);
  scans.boards.lever.set('b', [job('2'), job('3', { title: 'Lead Backend Engineer' })]);
  expect(await scans.scan()).toMatchObject({ matched: 2, notified: 1 });
  expect(await unmute(scans.dataSource, key)).toBe(true);
  expect(await scans.scan()).toMatchObject({ notified: 0 });
  scans.boards.lever.set('b', [job('2', { text: 'Python, and another text.' }), job('3', { title: 'Lead Backend Engineer' })]);
  expect(await scans.scan()).toMatchObject({ upserted: 1, notified: 1 });
});

it('a muted company is matched and not told', async () => {
  await reference();
  await muteCompany(scans.dataSource, 'a corp');
  expect(await scans.scan()).toMatchObject({ matched: 5, notified: 2 });
});

describe('the schedule', () => {
  it('rings at once, then from start to start, and a scan that takes too long is not joined by another', async () => {
    await reference(DEFAULT, { ownClock: true });
    scans.bell.takes({ name: 'scanBoards' } as never, 20 * 60_000);
    const { runs, ends } = await scans.bell.between('2026-03-02T08:00', '2026-03-02T09:00');
    expect(runs.map(({ scheduledFor, status }) => [scheduledFor?.toISOString().slice(11, 16), status])).toEqual([['08:00', 'succeeded'], ['08:15', 'skipped'], ['08:30', 'succeeded'], ['08:45', 'skipped']]);
    expect(ends).toEqual({ succeeded: 2, skipped: 2 });
  });

  it('after a downtime scans once, and what was missed before the interval is expired', async () => {
    await reference(DEFAULT, { ownClock: true });
    const { occurrences } = await scans.bell.down('2026-03-02T08:10', '2026-03-02T09:05').between('2026-03-02T08:00', '2026-03-02T09:20');
    expect(occurrences.map(({ scheduledFor, outcome }) => `${scheduledFor.toISOString().slice(11, 16)} ${outcome}`)).toEqual(['08:00 ran', '08:15 expired', '08:30 expired', '08:45 expired', '09:00 ran', '09:15 ran']);
  });
});
