/** The story of an outage, told by real processes: somebody is reminded every hour, everything is down for ten and a half hours, and one message says what was missed; the next one is on time. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, moveDatabaseClock } from '@carillon/testing';
import { Tower } from './harness.js';

const MINUTES = 60_000;
const HOURS = 60 * MINUTES;
/** What arrived on Ann's telephone. */
const messages: string[] = [];
const botApi = createServer((request, response) => {
  void readText(request).then((body) => {
    if (request.url?.endsWith('/sendMessage') === true) messages.push((JSON.parse(body) as { text: string }).text);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, result: { message_id: messages.length, date: 0, chat: { id: 1001, type: 'private' } } }));
  });
});
let tower: Tower;

beforeAll(async () => {
  await new Promise<void>((resolve) => botApi.listen(0, '127.0.0.1', resolve));
  tower = await Tower.open({
    services: ['intake', 'scheduler', 'notifier'],
    env: { TELEGRAM_BOT_TOKEN: '1001:outage', TELEGRAM_API_ROOT: `http://127.0.0.1:${(botApi.address() as AddressInfo).port}`, TELEGRAM_UPDATES: 'off', MEMORY_TICK_SECONDS: '2', BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600' },
  });
});
afterAll(async () => {
  await tower.close();
  botApi.closeAllConnections();
  botApi.close();
});

it('reminders every hour, everything down for ten and a half hours: one message of eleven that were missed, and the next one on time', async () => {
  await tower.ask('intake', 'PUT', '/memory/users/1001', { display_name: 'Ann' });
  const { body } = await tower.ask<{ key: string }>('intake', 'POST', '/memory/users/1001/keys');
  // The first is due a quarter of an hour after everything went down, the eleventh a quarter before it is back.
  const first = new Date(Date.now() + 15 * MINUTES);
  const reminder = await tower.ask('intake', 'POST', '/memory/reminders', { text: 'drink water', fire_at: first.toISOString(), recurrence_minutes: 60 }, { authorization: `Bearer ${body.key}` });
  expect(reminder).toMatchObject({ status: 201 });

  const ends = await tower.stopServices();
  expect(ends).toEqual({ intake: 0, scheduler: 0, notifier: 0 });
  await moveDatabaseClock(tower.database.url, 10.5 * HOURS);
  await tower.startServices();

  await eventually(() => messages.length > 0, { within: 60_000, what: 'a message about what was missed' });
  expect(messages).toEqual([expect.stringMatching(/drink water.*\(11 missed, 15 minutes late\)/s)]);
  const audit = await tower.ask<{ action: string; actor: string; details: { missed: number } }[]>('intake', 'GET', '/memory/audit', undefined, { authorization: `Bearer ${body.key}` });
  expect(JSON.stringify(audit.body)).toContain('"missed":11');

  await moveDatabaseClock(tower.database.url, first.getTime() + 11 * HOURS + 1_000 - Date.now());
  await eventually(() => messages.length > 1, { within: 60_000, what: 'the next reminder' });
  expect(messages.slice(1)).toEqual([expect.stringContaining('drink water')]);
  expect(messages[1]).not.toMatch(/missed|late/);
  expect(tower.fell).toEqual([]);
}, 360_000);
