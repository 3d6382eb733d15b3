import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createImage, createMemoryServices, memoryEntities, memoryMigrations, MemorySettings, registerPerson } from '@carillon/memory';
import type { MemoryServices } from '@carillon/memory';
import { createDataSource } from '@carillon/persistence';
import { temporaryFolder, testDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { fakeBotApi } from '../spec/fake-bot-api.js';
import type { FakeBotApi } from '../spec/fake-bot-api.js';
import { notifierUnderTest } from '../spec/notifier-under-test.js';
import type { NotifierUnderTest } from '../spec/notifier-under-test.js';
import { picturesOf } from './pictures.js';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

describe('a notice of a picture that somebody keeps', () => {
  let dataSource: DataSource;
  let api: FakeBotApi;
  let memory: MemoryServices;
  let notifier: NotifierUnderTest;
  let root: string;
  let image: string;
  beforeAll(async () => {
    [dataSource, api] = await Promise.all([testDatabase().then(({ url }) => createDataSource({ url, service: 'notifier', entities: memoryEntities, migrations: memoryMigrations })), fakeBotApi()]);
    root = temporaryFolder('media');
    memory = createMemoryServices({ dataSource, settings: Object.assign(new MemorySettings(), { memoryMediaRoot: join(root, 'inside') }) });
    for (const id of ['501', '502']) await registerPerson(memory, id, {});
    image = (await createImage(memory, '501', PNG)).id;
    await writeFile(join(root, 'secret.png'), 'what nobody may see');
  });
  beforeEach(() => {
    api.reset();
    notifier = notifierUnderTest(dataSource, api.root, { pictures: picturesOf(memory) });
  });
  afterAll(async () => {
    await api.close();
    await dataSource.destroy();
  });
  const shown = (recipient: string, kept = image): Promise<unknown> => notifier.delivered({ recipient, messageType: 'pictured', content: { text: 'The cat', photo: { kept } } });

  it('brings its bytes to whom it belongs', async () => {
    expect(await shown('501')).toMatchObject({ status: 'sent' });
    expect(api.messages).toEqual([expect.objectContaining({ chat_id: '501', caption: 'The cat', uploaded: PNG.toString('base64') })]);
  });

  it.each([
    ['belongs to somebody else', '502', undefined],
    ['has gone', '501', '00000000-0000-7000-8000-000000000000'],
    ['is named by a path', '501', '../secret.png'],
  ])('brings the words alone when it %s', async (_what, recipient, kept) => {
    expect(await shown(recipient, kept)).toMatchObject({ status: 'sent' });
    expect(api.messages).toEqual([expect.objectContaining({ chat_id: recipient, text: 'The cat\n\n<i>(The picture could not be shown.)</i>' })]);
  });

  it('brings the words alone when its row leads out of the media root', async () => {
    await dataSource.query(`UPDATE memory.memory SET media_path = '../secret.png' WHERE id = $1`, [image]);
    await shown('501');
    expect(api.messages).toEqual([expect.not.objectContaining({ uploaded: expect.anything() })]);
  });
});
