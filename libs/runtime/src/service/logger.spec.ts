import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { Logger } from 'pino';
import { createLogger } from './logger.js';
import { PRETTY } from './pretty.js';

/** What one use of a logger writes. */
function written(use: (log: Logger) => void): string {
  let text = '';
  use(createLogger('scheduler', { logLevel: 'info', logFormat: 'json' }, { write: (line: string) => void (text += line) }));
  return text;
}

describe('a log line', () => {
  it.each<[string, object]>([
    ['at the top', { password: 'hunter2' }],
    ['one level down', { request: { authorization: 'Bearer hunter2' } }],
    ['however deep', { a: { b: { c: [{ headers: { Authorization: 'hunter2', 'X-Api-Key': 'fine', 'API-KEY': 'hunter2' } }] } } }],
    ['in another spelling', { api_key: 'hunter2', apiKey: 'hunter2', DatabaseUrl: 'hunter2', 'set-cookie': 'hunter2' }],
    ['in the text of a submission', { raw_text: 'hunter2', submission: { text: 'hunter2', rawText: 'hunter2' } }],
    ['in a URL', { url: 'postgres://town:hunter2@localhost:5432/town', list: ['nats://hunter2@bus:4222'] }],
    ['in an error', { err: Object.assign(new Error('no answer from nats://town:hunter2@bus', { cause: new Error('postgres://a:hunter2@b') }), { token: 'hunter2', request: { headers: { authorization: 'hunter2' } } }) }],
  ])('holds no secret %s', (_where, fields) => {
    const line = written((log) => log.warn(fields, 'look at postgres://town:hunter2@localhost'));
    expect(line).not.toContain('hunter2');
    expect(line).toContain('(secret)');
  });

  it('keeps all the rest, and what an error says', () => {
    const line = written((log) => log.error({ run: 'r1', step: 'cluster', counts: { items: 3 }, at: new Date(0), err: new TypeError('no such column', { cause: new Error('relation "x"') }) }, 'step failed'));
    expect(JSON.parse(line)).toMatchObject({
      service: 'scheduler', msg: 'step failed', run: 'r1', counts: { items: 3 }, at: '1970-01-01T00:00:00.000Z',
      err: { type: 'TypeError', message: 'no such column', stack: expect.stringContaining('logger.spec'), cause: { message: 'relation "x"' } },
    });
  });

  it('survives what refers to itself', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(written((log) => log.info(circle, 'round'))).toContain('(deeper)');
  });

  it('for people is one line that begins with the time, the level and who speaks', () => {
    const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as { prettyFactory(options: object): (line: string) => string };
    const line = prettyFactory({ ...PRETTY, colorize: false })(written((log) => log.info({ run: 'r1' }, 'step settled')));
    expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: scheduler: step settled \{"run":"r1"\}\n$/);
  });
});
