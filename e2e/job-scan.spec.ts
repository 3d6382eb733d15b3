/**
 * Five boards with five hundred postings, read by a real scheduler and told by a real notifier, while both boards and mail server do what such servers do on a bad
 * day, by seed: every alert arrives once, and no other does.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@carillon/testing';
import { SMTPServer } from 'smtp-server';
import { Tower } from './harness.js';

const SEED = Number(process.env['CARILLON_SEED'] ?? 20_260_302);
/** Of Lever's, one has more than fits on a page. */
const BOARD_SIZES = { 'greenhouse-one': 100, 'greenhouse-two': 100, 'lever-one': 150, 'lever-two': 50, 'ashby-one': 100 };
const BOARDS = Object.keys(BOARD_SIZES);
const LARGE = 'An unusually long text. '.repeat(2_200);

/** From 0 to 1, the same every time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const titles = (board: string): string[] => Array.from({ length: BOARD_SIZES[board as keyof typeof BOARD_SIZES] }, (_none, n) => `Engineer ${board} ${n}`);
const everyTitle = BOARDS.flatMap(titles);
const tally: Record<string, number> = {};
const counted = (what: string): void => void (tally[what] = (tally[what] ?? 0) + 1);
let calm = false;

const TROUBLES: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['asked to wait', (response) => response.writeHead(429, { 'retry-after': '0' }).end()],
  ['broken', (response) => response.writeHead(503, { 'retry-after': '0' }).end()],
  ['no JSON', (response) => response.writeHead(200).end('<html>')],
  ['no UTF-8', (response) => response.writeHead(200).end(Buffer.from([0x5b, 0xff, 0xfe, 0x5d]))],
  ['broken off', (response) => void (response.writeHead(200), response.write('[{"id":'), response.destroy())],
];
/** A byte now and then for as long as anybody listens: the reader gives up when its time is over, which costs the spec that time, so one request meets it. */
const DRIP: (typeof TROUBLES)[number] = ['dripped', (response) => {
  response.writeHead(200).write('{"jobs":[');
  const dripping = setInterval(() => response.write(' '), 200);
  response.once('close', () => {
    clearInterval(dripping);
    counted('left while it dripped');
  });
}];
const requests = new Map<string, number>();

/** What goes wrong with this request of the board, if anything does: with each board's first one another thing, with one more it drips, and with a third of the others whatever the seed says. */
function troubleOf(board: string): (typeof TROUBLES)[number] | undefined {
  const [index, request] = [BOARDS.indexOf(board), requests.get(board) ?? 0];
  requests.set(board, request + 1);
  if (calm) return undefined;
  if (request === 0) return TROUBLES[index];
  if (request === 1 && index === 0) return DRIP;
  const random = chance(SEED + 1_000 * index + request);
  return random() < 0.33 ? TROUBLES[Math.floor(random() * TROUBLES.length)] : undefined;
}

const boards = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://boards');
  const board = BOARDS.find((name) => url.pathname.includes(name)) ?? '';
  const trouble = troubleOf(board);
  if (trouble !== undefined) {
    counted(trouble[0]);
    return trouble[1](response);
  }
  const etag = `"${board}-1"`;
  if (request.headers['if-none-match'] === etag) {
    counted('not modified');
    return void response.writeHead(304).end();
  }
  const body = JSON.stringify(pageOf(board, url.searchParams));
  response.writeHead(200, { 'content-type': 'application/json', etag }).end(body, () => {
    if (body.length > 5_000_000) counted('five megabytes');
    if (Number(url.searchParams.get('skip')) > 0 && body !== '[]') counted('a further page');
  });
});

function pageOf(board: string, query: URLSearchParams): unknown {
  const jobs = titles(board).map((title, n) => ({ id: `${board}-${n}`, title, text: title, absolute_url: 'https://jobs.example.org/', hostedUrl: 'https://jobs.example.org/', jobUrl: 'https://jobs.example.org/', content: 'Python', descriptionPlain: board === 'ashby-one' ? `Python. ${LARGE}` : 'Python' }));
  if (board.startsWith('lever')) return jobs.slice(Number(query.get('skip')), Number(query.get('skip')) + Number(query.get('limit')));
  return { jobs };
}

const random = chance(SEED);
let connections = 0;
const letters: { id: string; subject: string }[] = [];
const mail = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onConnect: (_session, callback) => {
    // The first is never greeted, the second late, and of the others some as the seed says.
    connections += 1;
    const roll = calm ? 1 : ([0, 0.2][connections - 1] ?? random());
    if (roll < 0.1) return counted('never greeted');
    if (roll >= 0.3) return callback();
    counted('greeted late');
    setTimeout(callback, 100);
  },
  onRcptTo: (_address, _session, callback) => {
    if (calm || (tally['mail refused for now'] !== undefined && random() >= 0.1)) return callback();
    counted('mail refused for now');
    callback(Object.assign(new Error('4.2.0 try again later'), { responseCode: 451 }));
  },
  onData: (stream, _session, callback) => {
    let text = '';
    stream.on('data', (data: Buffer) => (text += data.toString()));
    stream.on('end', () => {
      letters.push({ id: /^Message-ID: (\S+)/im.exec(text)?.[1] ?? '', subject: /^Subject: ([^\r]*)/im.exec(text)?.[1] ?? '' });
      callback();
    });
  },
});

let tower: Tower;
let folder: string;
beforeAll(async () => {
  mail.on('error', () => undefined);
  await Promise.all([new Promise<void>((resolve) => boards.listen(0, '127.0.0.1', resolve)), new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', resolve))]);
  folder = mkdtempSync(join(tmpdir(), 'job-scan-'));
  const file = join(folder, 'config.yaml');
  const base = `http://127.0.0.1:${(boards.address() as AddressInfo).port}`;
  writeFileSync(file, JSON.stringify({
    sources: BOARDS.map((name) => ({ name, type: name.split('-')[0], identifier: name, base_url: base })),
    search_criteria: { required_terms: ['python'] },
    alerts: { first_scan: 'alert', recipients: ['reader@example.org'], once_across_boards: false },
    advanced: { http_request_timeout: 5, allow_private_addresses: true },
  }));
  const port = (mail.server.address() as AddressInfo).port;
  tower = await Tower.open({
    services: ['scheduler', 'notifier'],
    env: {
      ...{ BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600', JOB_SCAN_CONFIG: file },
      ...{ SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_FROM: 'Jobs <jobs@example.org>', SMTP_REQUIRE_TLS: 'false', SMTP_TIMEOUT_MS: '500', NOTICE_RETRY_BASE_MS: '50', NOTICE_RETRY_CAP_MS: '200', NOTICE_MAX_ATTEMPTS: '20' },
    },
  });
});
afterAll(async () => {
  await tower.close();
  boards.closeAllConnections();
  boards.close();
  mail.close(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  status: string;
  finishedAt: string | null;
}

const runs = async (): Promise<Run[]> => (await tower.ask<Run[]>('scheduler', 'GET', '/runs?pipeline=job-scan&limit=50')).body;

it(`five hundred postings on a bad day (CARILLON_SEED=${SEED}): each alert arrives once, and a mail server that hangs holds up no scan (defects 1, 7, 8, 9)`, async () => {
  await eventually(async () => (await runs()).some(({ finishedAt }) => finishedAt !== null), { within: 60_000, what: 'the first scan, which rings by itself' });
  for (let scans = 0; scans < 20; scans += 1) {
    const [missing] = await tower.query<{ count: number }>('SELECT count(*)::int AS count FROM job_scan.source WHERE last_success_at IS NULL');
    if (missing?.count === 0) break;
    await tower.ask('scheduler', 'POST', '/runs/job-scan', {});
    await eventually(async () => (await runs()).every(({ finishedAt }) => finishedAt !== null), { within: 60_000, what: 'a scan by hand' });
  }
  await eventually(async () => (await tower.query<{ count: number }>(`SELECT count(*)::int AS count FROM notices.notice WHERE status = 'sent' AND message_type = 'job_match'`))[0]?.count === everyTitle.length, { within: 60_000, every: 200, what: 'five hundred letters to be sent' });
  expect(new Set(letters.map(({ id }) => id)).size).toBe(letters.length);
  expect(letters.map(({ subject }) => subject).sort()).toEqual(everyTitle.map((title) => `New Job Match: ${title} at ${title.replace(/^Engineer (\S+) .*/, '$1')}`).sort());

  calm = true;
  const before = (await runs()).length;
  await tower.ask('scheduler', 'POST', '/runs/job-scan', {});
  await eventually(async () => (await runs()).length > before && (await runs())[0]?.finishedAt != null, { within: 60_000, what: 'a scan of boards that have nothing new' });
  expect((await runs())[0]).toMatchObject({ status: 'succeeded' });
  expect(letters).toHaveLength(everyTitle.length);
  expect(await tower.query(`SELECT count(*)::int AS count FROM notices.notice WHERE message_type = 'job_match'`)).toEqual([{ count: everyTitle.length }]);
  // A day on which nothing went wrong shows nothing, so each of these happened, whatever the seed.
  expect(Object.keys(tally).sort()).toEqual([...TROUBLES.map(([what]) => what), ...['dripped', 'left while it dripped', 'five megabytes', 'a further page', 'not modified', 'never greeted', 'greeted late', 'mail refused for now']].sort());
  expect(tower.fell).toEqual([]);
});

it('a scheduler that is told to stop lets its scan end first (defect 17)', async () => {
  await tower.ask('scheduler', 'POST', '/runs/job-scan', {});
  expect(await tower.stopServices()).toEqual({ scheduler: 0, notifier: 0 });
  expect(await tower.query(`SELECT count(*)::int AS count FROM notices.notice WHERE message_type = 'job_match'`)).toEqual([{ count: everyTitle.length }]);
});
