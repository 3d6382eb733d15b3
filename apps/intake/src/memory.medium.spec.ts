/** Memory's front door in a real process: every route, by whom it may be used, and what each answers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, connectBus } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { createApiKey, createDataSource } from '@carillon/persistence';
import { EventSubmit, MemorySearch, MemorySubmit, ReminderSubmit, TaskSubmit } from '@carillon/shared';
import { natsServer, spawnService, temporaryFolder, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess } from '@carillon/testing';
import { readdir } from 'node:fs/promises';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';

interface Json {
  [key: string]: unknown;
  id: string;
}
interface Answer {
  status: number;
  body: Json;
  list: Json[];
  text: string;
}

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let nats: NatsServer;
let bus: Bus;
let intake: ServiceProcess;
let dataSource: DataSource;
let media: string;
let keys: Record<'operator' | 'ann' | 'ben', string>;

beforeAll(async () => {
  const [database, server] = await Promise.all([testDatabase(), natsServer()]);
  [nats, media] = [server, temporaryFolder('media')];
  dataSource = await createDataSource({ url: database.url, service: 'spec' });
  const operator = (await createApiKey(dataSource, 'all', ['submit', 'import', 'operate', 'read'])) ?? '';
  intake = await spawnService('intake', { DATABASE_URL: database.url, NATS_URL: nats.url, MEMORY_MEDIA_ROOT: media, MEMORY_IMAGE_MAX_BYTES: '2000' });
  await intake.ready();
  bus = await connectBus({ url: nats.url, service: 'spec', log: pino({ level: 'silent' }) });
  keys = { operator, ann: '', ben: '' };
  for (const name of ['ann', 'ben'] as const) {
    await call('operator', 'PUT', `/memory/users/${name}`, { display_name: name });
    keys[name] = String((await call('operator', 'POST', `/memory/users/${name}/keys`)).body['key']);
    await call(name, 'PUT', '/memory/settings', { time_zone: 'Europe/Berlin' });
  }
});
afterAll(async () => {
  await bus.close();
  await intake.kill();
  await dataSource.destroy();
  await nats.stop();
});

async function call(who: keyof typeof keys | 'nobody', method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
  const headers = { ...(who !== 'nobody' && { authorization: `Bearer ${keys[who]}` }), ...(body !== undefined && { 'content-type': type }) };
  const response = await fetch(`${intake.url}${path}`, { method, headers, ...(body !== undefined && { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }) });
  const text = await response.text();
  const json: unknown = /^[[{]/.test(text) && !text.includes('}\n{') ? JSON.parse(text) : {};
  return { status: response.status, text, body: json as Json, list: json as Json[] };
}
const made = async (path: string, body: unknown): Promise<string> => (await call('ann', 'POST', path, body)).body.id;

describe('each caller sees only its own', () => {
  it('on every route that names a thing, another person is told that it is not there, and changes nothing', async () => {
    const memory = await made('/memory/memories', { content: 'the red bicycle', tags: ['bike'] });
    const image = (await call('ann', 'POST', '/memory/memories/images', PNG, 'image/png')).body.id;
    const task = await made('/memory/tasks', { description: 'repair it', memory_id: memory });
    const reminder = await made('/memory/reminders', { text: 'repair it', fire_at: '2040-01-05T09:00' });
    const event = await made('/memory/events', { description: 'fair', event_time: '2040-01-05T09:00' });
    const routes: [string, string, unknown?][] = [
      ['GET', `/memory/memories/${memory}`], ['PATCH', `/memory/memories/${memory}`, { content: 'mine' }], ['DELETE', `/memory/memories/${memory}`], ['DELETE', `/memory/memories/${memory}?dependents=delete`],
      ['GET', `/memory/memories/${image}/image`], ['GET', `/memory/memories/${image}`], ['POST', `/memory/memories/${memory}/tags`, { tags: ['mine'] }], ['POST', `/memory/memories/${memory}/tags/confirmation`], ['DELETE', `/memory/memories/${memory}/tags/bike`],
      ['GET', `/memory/tasks/${task}`], ['PATCH', `/memory/tasks/${task}`, { state: 'DONE' }], ['DELETE', `/memory/tasks/${task}`],
      ['GET', `/memory/reminders/${reminder}`], ['PATCH', `/memory/reminders/${reminder}`, { text: 'mine' }], ['DELETE', `/memory/reminders/${reminder}`],
      ['GET', `/memory/events/${event}`], ['PATCH', `/memory/events/${event}`, { status: 'confirmed' }], ['DELETE', `/memory/events/${event}`],
      ['POST', '/memory/tasks', { description: 'theirs', memory_id: memory }], ['POST', '/memory/reminders', { text: 'theirs', fire_at: '2040-01-05T09:00', memory_id: memory }], ['POST', '/memory/events', { description: 'theirs', event_time: '2040-01-05T09:00', memory_id: memory }],
    ];
    const before = (await call('ann', 'GET', '/memory/export')).text.split('\n').filter((line) => !line.includes('"kind":"audit"'));
    for (const [method, path, body] of routes) expect([method, path, (await call('ben', method, path, body)).status]).toEqual([method, path, 404]);
    expect((await call('ann', 'GET', '/memory/export')).text.split('\n').filter((line) => !line.includes('"kind":"audit"'))).toEqual(before);
    for (const list of ['memories', 'tasks', 'reminders', 'events', 'search?q=bicycle']) expect([list, (await call('ben', 'GET', `/memory/${list}`)).list]).toEqual([list, []]);
    expect((await call('ben', 'GET', '/memory/audit')).text).not.toContain(memory);
    expect((await call('ben', 'GET', '/memory/export')).text).not.toContain('bicycle');
    // The owner finds all of it.
    for (const path of routes.filter(([method]) => method === 'GET').map(([, one]) => one)) expect([path, (await call('ann', 'GET', path)).status]).toEqual([path, 200]);
  });

  it('no route is open to nobody, nor to a key of the house', async () => {
    for (const path of ['memories', 'tasks', 'reminders', 'events', 'search?q=x', 'settings', 'audit', 'export']) {
      expect([path, (await call('nobody', 'GET', `/memory/${path}`)).status, (await call('operator', 'GET', `/memory/${path}`)).status]).toEqual([path, 401, 401]);
    }
    expect([(await call('ann', 'PUT', '/memory/users/cyd', {})).status, (await call('ann', 'POST', '/memory/users/ben/keys')).status]).toEqual([401, 401]);
  });

  it('a key ends when it is revoked, and when its person is not allowed any more', async () => {
    await call('operator', 'PUT', '/memory/users/cyd', {});
    const issue = async (): Promise<string> => String((await call('operator', 'POST', '/memory/users/cyd/keys')).body['key']);
    const read = async (key: string): Promise<number> => (await fetch(`${intake.url}/memory/settings`, { headers: { authorization: `Bearer ${key}` } })).status;
    const first = await issue();
    expect(await read(first)).toBe(200);
    expect((await call('operator', 'DELETE', '/memory/users/cyd/keys')).body).toEqual({ revoked: 1 });
    const second = await issue();
    await call('operator', 'PUT', '/memory/users/cyd', { is_allowed: false });
    expect([await read(first), await read(second)]).toEqual([401, 401]);
  });
});

describe('what is noted', () => {
  it('has tags suggested from its hashtags and from those of its person, which are found by once they are confirmed', async () => {
    await made('/memory/memories', { content: 'the boat', tags: ['sailing'] });
    const id = await made('/memory/memories', { content: 'the sailing club wants its #fee', tags: ['club'] });
    expect((await call('ann', 'GET', `/memory/memories/${id}`)).body['tags']).toEqual([{ tag: 'club', status: 'confirmed' }, { tag: 'fee', status: 'suggested' }, { tag: 'sailing', status: 'suggested' }]);
    expect((await call('ann', 'POST', `/memory/memories/${id}/tags/confirmation`)).body['tags']).toContainEqual({ tag: 'fee', status: 'confirmed' });
    const theirs = await call('ben', 'POST', '/memory/memories', { content: 'sailing is fun' });
    expect(theirs.body['tags']).toEqual([]);
  });

  it('an edited memory is found by its new words, a deleted one not at all', async () => {
    const id = await made('/memory/memories', { content: 'buy butter for the cake' });
    const find = async (q: string): Promise<string[]> => (await call('ann', 'GET', `/memory/search?q=${encodeURIComponent(q)}`)).list.map(({ memory }) => (memory as Json).id);
    expect([await find('butter'), await find('butt'), await find('cakes'), await find('buttr'), await find('say "butter"'), await find("it's butter & cake | (!")]).toEqual([[id], [id], [id], [id], [id], [id]]);
    await call('ann', 'PATCH', `/memory/memories/${id}`, { content: 'buy margarine' });
    expect([await find('butter'), await find('margarine')]).toEqual([[], [id]]);
    await call('ann', 'POST', `/memory/memories/${id}/tags`, { tags: ['#Shopping'] });
    expect(await find('shopping')).toEqual([id]);
    expect((await call('ann', 'DELETE', `/memory/memories/${id}`)).status).toBe(204);
    expect([(await call('ann', 'GET', '/memory/search?q=')).status, await find('margarine')]).toEqual([400, []]);
  });

  it('an image is one by its bytes, waits for being confirmed, and its file goes with it', async () => {
    const { status, body } = await call('ann', 'POST', '/memory/memories/images', PNG, 'image/jpeg');
    expect([status, body['status'], body['media_type']]).toEqual([201, 'pending', 'image']);
    expect((await call('ann', 'PATCH', `/memory/memories/${body.id}`, { status: 'confirmed', content: 'a dot' })).body).toMatchObject({ status: 'confirmed', pending_expires_at: null });
    expect((await fetch(`${intake.url}/memory/memories/${body.id}/image`, { headers: { authorization: `Bearer ${keys.ann}` } })).headers.get('content-type')).toBe('image/png');
    const files = async (): Promise<number> => (await readdir(media, { recursive: true })).filter((name) => name.includes(body.id)).length;
    expect(await files()).toBe(1);
    await call('ann', 'DELETE', `/memory/memories/${body.id}`);
    expect(await dataSource.query('SELECT path FROM memory.tombstone WHERE memory_id = $1', [body.id])).toHaveLength(1);
  });

  it.each<[string, Buffer | object, string, number]>([
    ['a page', Buffer.from('<html><script>alert(1)</script>'), 'image/png', 400], ['too large', Buffer.concat([PNG, Buffer.alloc(3_000)]), 'image/png', 413], ['JSON', { image: 'x' }, 'application/json', 415],
  ])('%s is no image that is taken', async (_what, body, type, status) => {
    expect((await call('ann', 'POST', '/memory/memories/images', body, type)).status).toBe(status);
  });

  it('a memory that a task refers to stays, unless both are to go', async () => {
    const memory = await made('/memory/memories', { content: 'the shed' });
    await made('/memory/tasks', { description: 'paint it', memory_id: memory });
    expect(await call('ann', 'DELETE', `/memory/memories/${memory}`)).toMatchObject({ status: 409, body: { detail: expect.stringContaining('1 task refers to this memory') } });
    expect((await call('ann', 'DELETE', `/memory/memories/${memory}?dependents=delete`)).status).toBe(204);
  });
});

describe('times', () => {
  it('are read in the zone of the person: words, local times, and instants with their offset', async () => {
    const at = async (fire: string): Promise<string> => String((await call('ann', 'POST', '/memory/reminders', { text: 'x', fire_at: fire })).body['fire_at']);
    expect([await at('2040-01-05T09:00'), await at('2040-07-05 09:00'), await at('2040-01-05T09:00:00+08:00'), await at('05/01/2040 09:00')]).toEqual(['2040-01-05T08:00:00.000Z', '2040-07-05T07:00:00.000Z', '2040-01-05T01:00:00.000Z', '2040-01-05T08:00:00.000Z']);
    expect(Math.round((Date.parse(await at('in 2 hours')) - Date.now()) / 60_000)).toBe(120);
    expect(await call('ann', 'POST', '/memory/reminders', { text: 'x', fire_at: 'whenever' })).toMatchObject({ status: 400, body: { errors: [{ field: 'fire_at', message: expect.stringContaining('tomorrow 9am') }] } });
  });

  it('S10: what repeats can be a rule, is previewed in words, and can be taken away', async () => {
    const weekday = { text: 'stand up', fire_at: '2040-01-07T09:00', rule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=3' };
    expect((await call('ann', 'POST', '/memory/reminders/preview', weekday)).body['in_words']).toEqual([expect.stringContaining('every weekday at 9 AM'), 'Mon 9 Jan 2040, 09:00', 'Tue 10 Jan 2040, 09:00', 'Wed 11 Jan 2040, 09:00']);
    const { body } = await call('ann', 'POST', '/memory/reminders', weekday);
    expect(body['fire_at']).toBe('2040-01-09T08:00:00.000Z');
    expect((await call('ann', 'PATCH', `/memory/reminders/${body.id}`, { rule: null })).body['recurrence']).toBeNull();
    expect((await call('ann', 'POST', '/memory/reminders', { ...weekday, rule: 'FREQ=SECONDLY' })).body).toMatchObject({ status: 400, errors: [{ field: 'rule' }] });
  });

  it('S9: a reminder that has fired and gets a new time is armed again', async () => {
    const id = await made('/memory/reminders', { text: 'again', fire_at: '2040-01-05T09:00' });
    await dataSource.query('UPDATE memory.reminder SET fired = true, fired_at = now() WHERE id = $1', [id]);
    expect((await call('ann', 'PATCH', `/memory/reminders/${id}`, { fire_at: '2041-01-05T09:00' })).body).toMatchObject({ fired: false, fire_at: '2041-01-05T08:00:00.000Z' });
  });

  it('S11: an event that is confirmed has a reminder without any memory, which follows it and goes with it', async () => {
    const id = await made('/memory/events', { description: 'the fair', event_time: '2040-01-05T09:00' });
    const reminder = async (): Promise<unknown[]> => dataSource.query('SELECT r.text, r.fire_at FROM memory.event e JOIN memory.reminder r ON r.id = e.reminder_id WHERE e.id = $1', [id]);
    await call('ann', 'PATCH', `/memory/events/${id}`, { status: 'confirmed' });
    expect(await reminder()).toEqual([{ text: 'the fair', fire_at: new Date('2040-01-05T07:00:00Z') }]);
    await call('ann', 'PATCH', `/memory/events/${id}`, { event_time: '2040-02-05T09:00', description: 'the other fair' });
    expect(await reminder()).toEqual([{ text: 'the other fair', fire_at: new Date('2040-02-05T07:00:00Z') }]);
    await call('ann', 'PATCH', `/memory/events/${id}`, { status: 'rejected' });
    expect(await reminder()).toEqual([]);
    await call('ann', 'PATCH', `/memory/events/${id}`, { status: 'confirmed' });
    const { body } = await call('ann', 'GET', `/memory/events/${id}`);
    expect((await call('ann', 'DELETE', `/memory/reminders/${String(body['reminder_id'])}`)).status).toBe(204);
    expect((await call('ann', 'GET', `/memory/events/${id}`)).body['reminder_id']).toBeNull();
  });

  it('a task that repeats makes the next when it is done, once', async () => {
    const id = await made('/memory/tasks', { description: 'water the plants', due_at: '2040-01-05T09:00', recurrence_minutes: 1_440 });
    const { body } = await call('ann', 'PATCH', `/memory/tasks/${id}`, { state: 'DONE' });
    expect((await call('ann', 'GET', `/memory/tasks/${String(body['recurring_task_id'])}`)).body).toMatchObject({ state: 'NOT_DONE', due_at: '2040-01-06T08:00:00.000Z' });
    expect((await call('ann', 'PATCH', `/memory/tasks/${id}`, { state: 'DONE' })).body['recurring_task_id']).toBeNull();
  });
});

it('all of it is in the audit log of its person, and can be taken away', async () => {
  await call('ann', 'PUT', '/memory/settings', { quiet_from: '22:00', quiet_to: '07:00' });
  expect((await call('ann', 'GET', '/memory/audit?entity_type=user_settings&limit=1')).list).toMatchObject([{ action: 'updated', actor: 'user:ann', detail: { changed: ['quiet_from', 'quiet_to'] } }]);
  expect(await call('ann', 'PUT', '/memory/settings', { time_zone: 'Mars/Base' })).toMatchObject({ status: 400, body: { errors: [{ field: 'time_zone' }] } });
  const kinds = new Set((await call('ann', 'GET', '/memory/export')).text.trim().split('\n').map((line) => (JSON.parse(line) as { kind: string }).kind));
  expect([...kinds].sort()).toEqual(['audit', 'event', 'memory', 'reminder', 'settings', 'tag', 'task']);
});

it('the bus takes the same, and refuses the same', async () => {
  expect(await ask(bus, MemorySubmit, { user_id: 'ben', content: 'the green door', tags: ['house'] })).toMatchObject({ content: 'the green door', status: 'confirmed' });
  expect(await ask(bus, TaskSubmit, { user_id: 'ben', description: 'paint it', due_at: '2040-01-05T09:00' })).toMatchObject({ due_at: '2040-01-05T08:00:00.000Z' });
  expect(await ask(bus, ReminderSubmit, { user_id: 'ben', text: 'paint', fire_at: '2040-01-05T09:00', rule: 'FREQ=DAILY' })).toMatchObject({ recurrence: { kind: 'rule', timeZone: 'Europe/Berlin' } });
  expect(await ask(bus, EventSubmit, { user_id: 'ben', description: 'party', event_time: '2040-01-05T09:00', source_type: 'email', source_detail: 'Invitation' })).toMatchObject({ status: 'pending' });
  expect(await dataSource.query(`SELECT recipient, content->>'source_detail' AS source FROM notices.notice WHERE message_type = 'event_confirmation'`)).toEqual([{ recipient: 'ben', source: 'Invitation' }]);
  expect(await ask(bus, MemorySearch, { user_id: 'ben', q: 'door' })).toMatchObject({ results: [{ memory: { content: 'the green door' } }] });
  await expect(ask(bus, MemorySubmit, { user_id: 'nobody', content: 'x' })).rejects.toThrow('there is no user "nobody"');
  await expect(ask(bus, ReminderSubmit, { user_id: 'ben', text: 'x', fire_at: 'whenever' })).rejects.toThrow('tomorrow 9am');
});
