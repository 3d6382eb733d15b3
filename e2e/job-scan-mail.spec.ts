/**
 * What a bad mail server may do to the job scan: nothing. A real scheduler and a real notifier against an SMTP server that is away, refuses and hangs, one trouble a spec. Scans end while no letter
 * goes out, none is skipped, and when the server is well every letter has arrived once.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eventually, freePort } from '@carillon/testing';
import { SMTPServer } from 'smtp-server';
import { Tower } from './harness.js';

type Mood = 'well' | 'refuses' | 'hangs';

const MANY = 50;
let mood: Mood = 'well';
/** How often the server did what its mood makes it do, so that a spec sees that there was trouble at all. */
let harmed = 0;
let posted: string[] = [];
const letters: string[] = [];
const waiting = new Set<() => void>();

const boards = createServer((_request, response) => {
  const jobs = posted.map((title) => ({ id: title, title, content: 'Python', absolute_url: 'https://jobs.example.org/' }));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jobs }));
});

const mailServer = (): SMTPServer => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 50,
    onConnect: (_session, callback) => {
      if (mood !== 'hangs') return callback();
      harmed += 1;
      waiting.add(callback);
    },
    onRcptTo: (_address, _session, callback) => {
      if (mood !== 'refuses') return callback();
      harmed += 1;
      callback(Object.assign(new Error('4.2.0 try again later'), { responseCode: 451 }));
    },
    onData: (stream, _session, callback) => {
      let text = '';
      stream.on('data', (data: Buffer) => (text += data.toString()));
      stream.on('end', () => {
        letters.push(/^Subject: New Job Match: (.*) at /im.exec(text)?.[1] ?? text.slice(0, 200));
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  return server;
};

let mail: SMTPServer;
let mailPort: number;
let tower: Tower;
let folder: string;
const listening = (): Promise<void> => new Promise((resolve) => (mail = mailServer()).listen(mailPort, '127.0.0.1', resolve));

beforeAll(async () => {
  mailPort = await freePort();
  await Promise.all([new Promise<void>((resolve) => boards.listen(0, '127.0.0.1', resolve)), listening()]);
  folder = mkdtempSync(join(tmpdir(), 'job-scan-mail-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, JSON.stringify({
    sources: [{ name: 'Acme', type: 'greenhouse', identifier: 'acme', base_url: `http://127.0.0.1:${(boards.address() as AddressInfo).port}` }],
    search_criteria: { required_terms: ['python'] },
    alerts: { first_scan: 'alert', recipients: ['reader@example.org'] },
    advanced: { allow_private_addresses: true },
  }));
  tower = await Tower.open({
    services: ['scheduler', 'notifier'],
    env: {
      ...{ BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600', JOB_SCAN_CONFIG: file },
      ...{ SMTP_URL: `smtp://127.0.0.1:${mailPort}`, SMTP_FROM: 'Jobs <jobs@example.org>', SMTP_REQUIRE_TLS: 'false', SMTP_TIMEOUT_MS: '500', NOTICE_RETRY_BASE_MS: '200', NOTICE_RETRY_CAP_MS: '500', NOTICE_MAX_ATTEMPTS: '100' },
    },
  });
  await eventually(async () => (await runs()).some(({ finishedAt }) => finishedAt !== null), { within: 60_000, what: 'the scan that rings by itself' });
});
afterAll(async () => {
  await tower.close();
  boards.closeAllConnections();
  boards.close();
  mail.close(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  harmed = 0;
  letters.splice(0);
});

interface Run {
  status: string;
  finishedAt: string | null;
}

const runs = async (): Promise<Run[]> => (await tower.ask<Run[]>('scheduler', 'GET', '/runs?pipeline=job-scan&limit=50')).body;

/** A scan by hand. @returns how it ended */
async function scanned(): Promise<string | undefined> {
  const before = (await runs()).length;
  await tower.ask('scheduler', 'POST', '/runs/job-scan', {});
  await eventually(async () => (await runs()).length > before && (await runs()).every(({ finishedAt }) => finishedAt !== null), { within: 20_000, what: 'a scan to end while no letter goes out' });
  return (await runs())[0]?.status;
}

/** Postings that nobody has seen yet, besides those that are there. */
function post(what: string, count: number): string[] {
  const fresh = Array.from({ length: count }, (_none, n) => `${what} ${n}`);
  posted = [...posted, ...fresh];
  return fresh;
}

async function becomesWell(): Promise<void> {
  mood = 'well';
  for (const greet of waiting) greet();
  waiting.clear();
}

const arrived = async (titles: readonly string[]): Promise<void> => {
  await eventually(() => letters.length >= titles.length, { within: 60_000, what: 'the letters to arrive' });
  expect([...letters].sort()).toEqual([...titles].sort());
};

it('a mail server that is away at first sight of a posting: the alert arrives when it is back, once (defect 1)', async () => {
  await new Promise<void>((resolve) => mail.close(resolve));
  const fresh = post('Away', 3);
  expect(await scanned()).toBe('succeeded');
  await eventually(async () => (await tower.query(`SELECT 1 FROM notices.notice WHERE attempts > 0`)).length > 0, { what: 'a letter to have been tried' });
  expect(await scanned()).toBe('succeeded');
  expect(letters).toEqual([]);
  await listening();
  await arrived(fresh);
});

it('fifty letters that are refused hold up no scan: it ends, the next one too, and each letter arrives once (defect 7)', async () => {
  mood = 'refuses';
  const fresh = post('Refused', MANY);
  expect([await scanned(), await scanned()]).toEqual(['succeeded', 'succeeded']);
  await eventually(() => harmed >= MANY, { within: 60_000, what: 'every letter to have been refused' });
  expect(await scanned()).toBe('succeeded');
  expect(letters).toEqual([]);
  await becomesWell();
  await arrived(fresh);
});

it('a mail server that hangs holds up no scan: none is skipped, and the letters arrive once when it is well (defect 8)', async () => {
  mood = 'hangs';
  const fresh = post('Hung', 5);
  // What is connected from before would still be served.
  for (const connection of mail.connections) (connection as { close(): void }).close();
  expect(await scanned()).toBe('succeeded');
  await eventually(() => harmed > 0, { what: 'the server to have kept somebody waiting' });
  expect([await scanned(), await scanned()]).toEqual(['succeeded', 'succeeded']);
  expect(letters).toEqual([]);
  await becomesWell();
  await arrived(fresh);
  expect(tower.fell).toEqual([]);
});
