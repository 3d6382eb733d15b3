import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@carillon/testing';
import { sha256 } from '../rules/job-key.js';
import { BoardClient } from './board-client.js';
import type { ClientOptions } from './board-client.js';
import { source } from './boards.fixture.js';
import { bytes, hangs, json, LoopbackBoard, status } from './loopback-board.fixture.js';
import { readBoard } from './read-board.js';
import type { ReadOptions } from './read-board.js';

const OPTIONS: ClientOptions = { httpRequestTimeoutSeconds: 1, userAgent: 'Spec/1.0', maxResponseBytes: 100_000, perHost: 2, redirectHosts: [], allowPrivateAddresses: true, jitterMilliseconds: 0 };

let board: LoopbackBoard;
let client = new BoardClient(OPTIONS);
beforeAll(async () => void (board = await new LoopbackBoard().listen()));
afterEach(async () => {
  await client.close();
  client = new BoardClient(OPTIONS);
  board.asked.length = 0;
});
afterAll(async () => {
  await client.close();
  await board.close();
});

const PATH = '/posting-api/job-board/acme';
const read = (options: Partial<ReadOptions> = {}) => readBoard(source('ashby', { baseUrl: board.url }), client, { cap: 0, ...options });
const job = (id: string): object => ({ id, title: `Job ${id}`, jobUrl: `https://jobs.example.org/${id}`, descriptionPlain: 'text' });

describe('a board over HTTP', () => {
  it('is asked with our name, and the next time whether it changed', async () => {
    board.at(PATH, json(() => ({ jobs: [job('1')] }), { 'last-modified': 'Mon, 02 Mar 2026 08:00:00 GMT' }));
    const first = await read();
    expect(first).toMatchObject({ unchanged: false, postings: [{ externalId: '1' }], validators: { lastModified: 'Mon, 02 Mar 2026 08:00:00 GMT' } });
    expect(await read({ validators: first.validators, bodyHash: first.bodyHash })).toMatchObject({ unchanged: true, postings: [], validators: first.validators, bodyHash: first.bodyHash });
    expect(board.asked.map(({ headers, status: code }) => [headers['user-agent'], headers['if-none-match'] === undefined, headers['if-modified-since'], code])).toEqual([['Spec/1.0', true, undefined, 200], ['Spec/1.0', false, 'Mon, 02 Mar 2026 08:00:00 GMT', 304]]);
  });

  it('that answers the same without validators is unchanged too', async () => {
    board.at(PATH, bytes(Buffer.from('{"jobs":[]}')));
    const { bodyHash } = await read();
    expect(await read({ bodyHash })).toMatchObject({ unchanged: true, bodyHash });
    board.at(PATH, bytes(Buffer.from('{"jobs":[] }')));
    expect(await read({ bodyHash })).toMatchObject({ unchanged: false, bodyHash: expect.not.stringMatching(`^${bodyHash}$`) });
  });

  it('that answers the same bytes is not parsed again', async () => {
    const broken = Buffer.from('no JSON at all');
    board.at(PATH, bytes(broken));
    await expect(read()).rejects.toMatchObject({ name: 'BadAnswer' });
    expect(await read({ bodyHash: sha256(broken) })).toMatchObject({ unchanged: true, postings: [] });
  });

  it('is read page after page, up to the cap, which shows', async () => {
    const all = Array.from({ length: 250 }, (_none, n) => ({ id: `p${n}`, text: `Job ${n}`, hostedUrl: 'https://jobs.example.org/1', descriptionPlain: 'x' }));
    board.at('/v0/postings/acme', json((query) => all.slice(Number(query.get('skip')), Number(query.get('skip')) + Number(query.get('limit')))));
    const lever = source('lever', { baseUrl: board.url });
    expect(await readBoard(lever, client, { cap: 0 })).toMatchObject({ postings: { length: 250 }, cappedBy: undefined, validators: {} });
    expect(await readBoard(lever, client, { cap: 120 })).toMatchObject({ postings: { length: 120 }, cappedBy: 80 });
    expect(board.asked.map(({ path }) => /skip=(\d+)/.exec(path)?.[1])).toEqual(['0', '100', '200', '0', '100']);
  });

  it('is asked for details only of what its list says anew', async () => {
    board.at('/v1/companies/acme/postings', json(() => ({ totalFound: 2, content: [{ id: '1', name: 'One' }, { id: '2', name: 'Two' }] })));
    for (const id of ['1', '2']) board.at(`/v1/companies/acme/postings/${id}`, json(() => ({ jobAd: { sections: { jobDescription: { title: 'Job', text: `<p>Text ${id}</p>` } } } })));
    const recruiters = source('smartrecruiters', { baseUrl: board.url });
    const { postings, entryHashes } = await readBoard(recruiters, client, { cap: 0 });
    expect(postings.map(({ description }) => description)).toEqual(['Job\nText 1', 'Job\nText 2']);
    board.asked.length = 0;
    entryHashes.delete('2');
    expect(await readBoard(recruiters, client, { cap: 0, entries: entryHashes })).toMatchObject({ known: ['1'], postings: [{ externalId: '2' }] });
    expect(board.asked.map(({ path }) => path.split('/').at(-1))).toEqual([expect.stringContaining('postings?'), '2']);
  });
});

describe('a board that does not answer as it should', () => {
  it.each([
    ['is gone', status(404), { name: 'BoardGone', message: expect.stringMatching(/job-board\/acme answered 404/) }],
    ['forbids', status(403), { name: 'BoardRefused' }],
    ['is busy', status(429, { 'retry-after': '7' }), { name: 'BoardBusy', retryAfterMs: 7_000 }],
    ['is broken (defect 5)', status(503), { name: 'BoardBusy', retryAfterMs: undefined }],
    ['answers something else than JSON', bytes(Buffer.from('<html>')), { name: 'BadAnswer', message: expect.stringContaining('something else than JSON') }],
    ['answers broken UTF-8', bytes(Buffer.from([0x7b, 0xff, 0x7d])), { name: 'BadAnswer', message: expect.stringContaining('no utf-8') }],
    ['answers another shape', bytes(Buffer.from('{}')), { name: 'BadAnswer' }],
    ['answers too much', bytes(Buffer.alloc(200_000, 0x20)), { name: 'AnswerTooLarge' }],
    ['drips', hangs(), { name: 'BoardSlow', message: expect.stringContaining('did not answer in full within 1 s') }],
    ['redirects to another host', status(302, { location: 'http://169.254.169.254/latest' }), { name: 'ForbiddenAddress', message: expect.stringContaining('redirects to 169.254.169.254') }],
    ['redirects in a circle', status(302, { location: PATH }), { name: 'BoardRefused', message: expect.stringContaining('more than 5 times') }],
    ['breaks off', (_request: unknown, response: { destroy(): void }) => response.destroy(), { name: 'BoardUnreachable' }],
  ])('that %s is an error with a name', async (_what, answer, error) => {
    board.at(PATH, answer as never);
    await expect(read()).rejects.toMatchObject(error);
  });

  it('at a private address is not asked at all, unless that is allowed', async () => {
    const careful = new BoardClient({ ...OPTIONS, allowPrivateAddresses: false });
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const url = new URL(board.url);
      url.hostname = host;
      await expect(readBoard(source('ashby', { baseUrl: url.origin }), careful, { cap: 0 })).rejects.toMatchObject({ name: 'ForbiddenAddress' });
    }
    expect(board.asked).toEqual([]);
    await careful.close();
  });

  it('stops when the scan does', async () => {
    board.at(PATH, hangs());
    const stop = new AbortController();
    const reading = read({ signal: stop.signal });
    stop.abort(new Error('the run was cancelled'));
    await expect(reading).rejects.toThrow('the run was cancelled');
  });
});

describe('a redirect', () => {
  let other: LoopbackBoard;
  beforeAll(async () => void (other = await new LoopbackBoard().listen()));
  afterAll(() => other.close());
  const hostOf = (one: LoopbackBoard): string => new URL(one.url).host;
  const reading = async (options: Partial<ClientOptions>): Promise<unknown> => {
    const own = new BoardClient({ ...OPTIONS, ...options });
    return readBoard(source('ashby', { baseUrl: board.url }), own, { cap: 0 }).finally(() => own.close());
  };

  it('within the host is followed, relative ones too, with what we have of it', async () => {
    board.at(PATH, status(301, { location: '/moved' }));
    board.at('/moved', json(() => ({ jobs: [job('1')] })));
    const { validators } = await read();
    expect(await read({ validators })).toMatchObject({ unchanged: true });
    expect(board.asked.map(({ path, status: code }) => [path.split('?')[0], code])).toEqual([[PATH, 301], ['/moved', 200], [PATH, 301], ['/moved', 304]]);
  });

  it('to another host is followed only when that is named, and the other host is not even asked otherwise', async () => {
    board.at(PATH, status(302, { location: `${other.url}/elsewhere` }));
    other.at('/elsewhere', json(() => ({ jobs: [job('7')] })));
    await expect(reading({})).rejects.toMatchObject({ name: 'ForbiddenAddress', message: expect.stringContaining(`redirects to ${hostOf(other)}: add it to advanced.redirect_hosts if that is right`) });
    expect(other.asked).toEqual([]);
    expect(await reading({ redirectHosts: [hostOf(other)] })).toMatchObject({ postings: [{ externalId: '7' }] });
    expect(other.asked).toHaveLength(1);
  });

  it('from a named host goes no further than to named ones', async () => {
    board.at(PATH, status(302, { location: `${other.url}/onwards` }));
    other.at('/onwards', status(302, { location: 'http://third.example.org/' }));
    await expect(reading({ redirectHosts: [hostOf(other)] })).rejects.toMatchObject({ name: 'ForbiddenAddress', message: expect.stringContaining('redirects to third.example.org') });
  });

  it('to another protocol is not followed', async () => {
    for (const location of ['file:///etc/passwd', `ftp://${hostOf(board)}/jobs`]) {
      board.at(PATH, status(302, { location }));
      await expect(reading({ redirectHosts: ['', hostOf(board)] })).rejects.toMatchObject({ name: 'ForbiddenAddress' });
    }
  });

  it('that does not say where to is refused', async () => {
    board.at(PATH, status(302));
    await expect(reading({})).rejects.toMatchObject({ name: 'BoardRefused', message: expect.stringContaining('answered 302') });
  });
});

describe('a board that drips', () => {
  it('a byte now and then is given up when its time is over, however long it would go on, and its place goes to the next', async () => {
    let drops = 0;
    let ended = false;
    board.at(PATH, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"jobs":[');
      const dripping = setInterval(() => (drops += Number(response.write(' ') || true)), 50);
      response.once('close', () => (clearInterval(dripping), (ended = true)));
    });
    const began = performance.now();
    const patient = read();
    const second = read();
    const third = read();
    const outcomes = await Promise.allSettled([patient, second, third]);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as Error).name : 'read'))).toEqual(['BoardSlow', 'BoardSlow', 'BoardSlow']);
    // Two at once, so the third had its turn after them: two times a second, and not for ever.
    expect(performance.now() - began).toBeGreaterThan(1_900);
    expect(drops).toBeGreaterThan(10);
    await eventually(() => ended, { what: 'the connection to be closed by us' });
  });

  it('and ends in time is read', async () => {
    const text = JSON.stringify({ jobs: [job('1')] });
    board.at(PATH, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      let sent = 0;
      const dripping = setInterval(() => {
        response.write(text.slice(sent, sent + 20));
        sent += 20;
        if (sent < text.length) return;
        clearInterval(dripping);
        response.end();
      }, 5);
    });
    expect(await read()).toMatchObject({ postings: [{ externalId: '1' }] });
  });
});

describe('between requests to one host', () => {
  /** A client whose chance is said and whose pauses are kept instead of waited for. */
  function jittered(chances: number[], options: Partial<ClientOptions> = {}): { client: BoardClient; pauses: number[] } {
    const pauses: number[] = [];
    const jitteredClient = new BoardClient({ ...OPTIONS, jitterMilliseconds: 500, ...options }, { random: () => chances.shift() ?? 0, pause: async (milliseconds) => void pauses.push(milliseconds) });
    return { client: jitteredClient, pauses };
  }

  it('there is a pause by chance, none before the first of them, and none at all where that is wanted', async () => {
    board.at(PATH, json(() => ({ jobs: [] })));
    const ask = async (one: BoardClient, origin = board.url): Promise<unknown> => readBoard(source('ashby', { baseUrl: origin }), one, { cap: 0 });
    const { client: polite, pauses } = jittered([0.5, 0.999, 0]);
    for (let n = 0; n < 4; n += 1) await ask(polite);
    expect(pauses).toEqual([250, 499]);
    const other = await new LoopbackBoard().listen();
    other.at(PATH, json(() => ({ jobs: [] })));
    await ask(polite, other.url);
    expect(pauses).toHaveLength(2);
    const hasty = jittered([0.5], { jitterMilliseconds: 0 });
    for (let n = 0; n < 2; n += 1) await ask(hasty.client);
    expect(hasty.pauses).toEqual([]);
    await Promise.all([polite.close(), hasty.client.close(), other.close()]);
  });

  it('a pause ends with the scan', async () => {
    board.at(PATH, json(() => ({ jobs: [] })));
    const slow = new BoardClient({ ...OPTIONS, jitterMilliseconds: 60_000 }, { random: () => 0.99, pause: (milliseconds, signal) => delay(milliseconds, undefined, { signal }) });
    await readBoard(source('ashby', { baseUrl: board.url }), slow, { cap: 0 });
    const stop = new AbortController();
    const reading = readBoard(source('ashby', { baseUrl: board.url }), slow, { cap: 0, signal: stop.signal });
    stop.abort(new Error('the run was cancelled'));
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(board.asked).toHaveLength(1);
    await slow.close();
  });
});

it('no more requests than allowed go to one host at once', async () => {
  let [now, most] = [0, 0];
  const pending: (() => void)[] = [];
  board.at(PATH, (_request, response) => {
    most = Math.max(most, ++now);
    pending.push(() => {
      now -= 1;
      response.end('{"jobs":[]}');
    });
    // The third is not begun before one of the first two is over.
    if (pending.length >= 2) pending.shift()?.();
  });
  const reads = Promise.all(Array.from({ length: 5 }, () => read()));
  const letGo = setInterval(() => pending.shift()?.(), 20);
  await reads;
  clearInterval(letGo);
  expect(most).toBe(2);
});
