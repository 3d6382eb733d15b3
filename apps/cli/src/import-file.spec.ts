import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { importFile } from './import-file.js';

type Line = Record<string, unknown>;

/** Intake as the command line meets it: it takes what it is sent, and knows again what it has. */
const received: Line[][] = [];
const refusals: number[] = [];
let server: Server;

beforeAll(async () => {
  const stored = new Set<unknown>();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const refusal = refusals.shift();
      if (refusal !== undefined) return void response.writeHead(refusal).end('{"detail":"not now"}');
      const { submissions } = JSON.parse(Buffer.concat(chunks).toString()) as { submissions: Line[] };
      received.push(submissions);
      const outcomeOf = ({ externalId }: Line): string => (stored.has(externalId) ? 'duplicate' : (stored.add(externalId), 'accepted'));
      const results = submissions.map((line) => ({ outcome: outcomeOf(line), message: 'as you say' }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env['INTAKE_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['CARILLON_API_KEY'] = 'car_spec';
});
beforeEach(() => void received.splice(0));
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function fileOf(...lines: (string | object)[]): string {
  const file = join(mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), 'import-')), 'lines.jsonl');
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}
const ignored = (): void => undefined;

describe('importing a file', () => {
  it('sends what can be read and says of every other line, by number, what is wrong', async () => {
    const report = await importFile(fileOf({ author: 'a', text: 'Trams', externalId: '1' }, '{"author": "b", "te', '', '["c"]', 'null', { author: 'd', text: 'Rents', externalId: '2' }), ignored);
    expect(report).toEqual({
      lines: 5,
      outcomes: { accepted: 2, failed: 3 },
      remarks: [
        { line: 2, outcome: 'failed', message: expect.stringMatching(/^is not JSON: /) },
        { line: 4, outcome: 'failed', message: 'is not a JSON object: write {"author": …, "text": …}' },
        { line: 5, outcome: 'failed', message: 'is not a JSON object: write {"author": …, "text": …}' },
      ],
    });
    expect(received).toEqual([[{ author: 'a', text: 'Trams', externalId: '1' }, { author: 'd', text: 'Rents', externalId: '2' }]]);
  });

  it('sends the fields of a submission only, and gives a line without an id one from its content', async () => {
    await importFile(fileOf({ author: 'a', text: 'Buses', votes: 7, language: 'en', submittedAt: 3 }, { author: 'a', text: 'Buses', submittedAt: 4 }), ignored);
    const id = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(received).toEqual([[{ author: 'a', text: 'Buses', language: 'en', submittedAt: 3, externalId: id }, { author: 'a', text: 'Buses', submittedAt: 4, externalId: id }]]);
    expect(received[0]?.[0]?.['externalId']).not.toBe(received[0]?.[1]?.['externalId']);
  });

  it('finds everything known when the same file is sent again', async () => {
    const file = fileOf({ author: 'e', text: 'Noise' }, { author: 'f', text: 'Noise' });
    expect((await importFile(file, ignored)).outcomes).toEqual({ accepted: 2 });
    expect(await importFile(file, ignored)).toEqual({ lines: 2, outcomes: { duplicate: 2 }, remarks: [] });
  });

  it('goes in batches and tells how far it is', async () => {
    const progress: number[] = [];
    await importFile(fileOf(...Array.from({ length: 5 }, (_, n) => ({ author: 'g', text: `number ${n}` }))), (lines) => progress.push(lines), 2);
    expect(received.map((batch) => batch.length)).toEqual([2, 2, 1]);
    expect(progress).toEqual([2, 4, 5]);
  });

  it('sends a batch again to a service that was away, and gives up at once when it is refused', async () => {
    refusals.push(503);
    expect((await importFile(fileOf({ author: 'h', text: 'Parks' }), ignored)).outcomes).toEqual({ accepted: 1 });
    refusals.push(403);
    await expect(importFile(fileOf({ author: 'i', text: 'Parks' }), ignored)).rejects.toThrow('intake answered 403 to POST /deliberation/imports: not now');
  });
});
