import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliberationSettings } from '../../settings.js';
import type { DailyRoot } from '../roots-and-proofs.js';
import { FileWitness } from './file-witness.js';
import { HttpWitness } from './http-witness.js';
import { nextPublicationAttempt } from './publish-roots.js';
import { witnessesOf } from './witness.js';

const ROOT: DailyRoot = { day: '2026-11-03', merkle_root: 'a'.repeat(64), entry_count: 3, first_seq: 1, last_seq: 3, head_hash: 'b'.repeat(64) };
const never = new AbortController().signal;

describe('a witness over HTTP', () => {
  let server: Server;
  let answer: { status: number; headers?: Record<string, string>; body: string } = { status: 200, body: '{}' };
  const seen: { path: string | undefined; headers: IncomingHttpHeaders; body: unknown }[] = [];
  const witness = (more: object = {}): HttpWitness => new HttpWitness({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`, key: 's3cret', timeoutMs: 2_000, allowPrivate: true, ...more });

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        seen.push({ path: request.url, headers: request.headers, body: JSON.parse(body) });
        if (answer.status > 0) response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is posted the root with the key, and its id is the receipt', async () => {
    answer = { status: 201, body: '{"id": "anchor-17\\u001b[2J"}' };
    expect(await witness().publish(ROOT, never)).toBe('anchor-17[2J');
    expect(seen.at(-1)).toMatchObject({ path: '/v1/anchors', body: ROOT, headers: { authorization: 'Bearer s3cret', 'content-type': 'application/json', 'idempotency-key': `2026-11-03.${ROOT.merkle_root}` } });
    answer = { status: 204, body: '' };
    expect(await witness().publish(ROOT, never)).toBe('answered 204');
  });

  it.each<[string, typeof answer, RegExp]>([
    ['an error', { status: 503, body: 'key s3cret is wrong' }, /answered 503$/],
    ['a redirect, which is not followed', { status: 307, headers: { location: 'http://169.254.169.254/' }, body: '' }, /answered 307, a redirect/],
    ['more than a receipt', { status: 200, body: 'x'.repeat(100_000) }, /more than 65536 bytes/],
  ])('that answers %s has not taken it', async (_, given, problem) => {
    answer = given;
    const before = seen.length;
    await expect(witness().publish(ROOT, never)).rejects.toThrow(problem);
    expect(seen).toHaveLength(before + 1);
  });

  it('that does not answer is left after the timeout, and when the house stops', async () => {
    answer = { status: 0, body: '' };
    await expect(witness({ timeoutMs: 50 }).publish(ROOT, never)).rejects.toThrow();
    await expect(witness().publish(ROOT, AbortSignal.abort(new Error('stopping')))).rejects.toThrow();
  });

  it('inside the house is not asked unless the operator says so', async () => {
    const before = seen.length;
    const { port } = server.address() as AddressInfo;
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost', '2130706433', '0x7f.1']) {
      await expect(new HttpWitness({ url: `https://${host}:${port}`, key: undefined, timeoutMs: 2_000, allowPrivate: false }).publish(ROOT, never)).rejects.toMatchObject({ code: 'ENOTPUBLIC', message: expect.stringContaining('WITNESS_ALLOW_PRIVATE') });
    }
    expect(seen).toHaveLength(before);
  });

  it.each([
    ['plain http', 'http://witness.example', /only https/],
    ['another scheme', 'ftp://witness.example', /only https/],
    ['a password in the address', 'https://me:hunter2@witness.example', /WITNESS_API_KEY/],
  ])('with %s stops the boot, and nothing secret is said', (_, witnessApiUrl, problem) => {
    const make = (): unknown => witnessesOf(Object.assign(new DeliberationSettings(), { witnessApiUrl }));
    expect(make).toThrow(problem);
    expect(make).not.toThrow(/hunter2/);
  });
});

describe('a witness file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-witness-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gets one line for each root, however often it is told', async () => {
    const path = join(folder, 'roots.jsonl');
    const witness = new FileWitness(path);
    expect([await witness.publish(ROOT), await witness.publish(ROOT), await witness.publish({ ...ROOT, day: '2026-11-04' })]).toEqual(['line 1', 'line 1', 'line 2']);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as DailyRoot).day)).toEqual(['2026-11-03', '2026-11-04']);
  });

  it('that holds another root of the day says so, and is left as it is', async () => {
    const path = join(folder, 'other.jsonl');
    writeFileSync(path, `${JSON.stringify({ ...ROOT, merkle_root: 'c'.repeat(64) })}\n`);
    await expect(new FileWitness(path).publish(ROOT)).rejects.toThrow(/line 1 holds another root of 2026-11-03: one of the two is forged/);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(2);
  });

  it('goes on after a line that a crash cut off', async () => {
    const path = join(folder, 'cut.jsonl');
    writeFileSync(path, '{"day": "2026-1');
    expect(await new FileWitness(path).publish(ROOT)).toBe('line 2');
    expect(readFileSync(path, 'utf8').split('\n')[1]).toBe(JSON.stringify(ROOT));
  });

  it('is a file of its own: no link, and no path that depends on where one stands', async () => {
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
    await expect(new FileWitness(join(folder, 'link')).publish(ROOT)).rejects.toMatchObject({ code: 'ELOOP' });
    for (const path of ['roots.jsonl', '/var/../etc/roots']) expect(() => new FileWitness(path)).toThrow(/WITNESS_FILE/);
  });
});

it.each([[1, 1], [2, 2], [3, 4], [9, 256], [10, 360], [40, 360]])('after %i failures it is tried again in %i minutes', (attempts, minutes) => {
  const now = new Date('2026-11-04T00:00:00Z');
  expect((nextPublicationAttempt(attempts, now).getTime() - now.getTime()) / 60_000).toBe(minutes);
});
