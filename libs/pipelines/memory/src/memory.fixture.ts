/** Memory rung on a virtual clock, with a real database: people and what they noted are put into rows as intake would put them. */
import { ring } from '@carillon/harness';
import type { Bell, Database } from '@carillon/harness';
import { newId } from '@carillon/persistence';
import { temporaryFolder } from '@carillon/testing';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { memory } from './hosting.js';
import { memoryPipeline } from './pipeline.js';
import { createMemoryServices } from './services.js';
import { MemorySettings } from './settings.js';

export const ANN = '1001';

export interface MemoryUnderTest {
  bell: Bell;
  media: string;
  query<T>(sql: string, values?: unknown[]): Promise<T[]>;
  person(id?: string, setting?: { timeZone?: string; quietFrom?: string; quietTo?: string }): Promise<string>;
  note(given?: Partial<{ owner: string; content: string | null; status: string; expires: string; path: string }>): Promise<string>;
  reminder(fireAt: string, given?: Partial<{ owner: string; memory: string | null; text: string; recurrence: object; policy: string }>): Promise<string>;
  event(pendingSince: string, askAt: string | null, given?: Partial<{ memory: string; description: string }>): Promise<string>;
  tag(memory: string, tag: string, suggestedAt: string): Promise<void>;
  file(path: string): Promise<string>;
  audit(): Promise<string[]>;
}

export async function memoryUnderTest(settings: Partial<MemorySettings> = {}): Promise<MemoryUnderTest> {
  const media = temporaryFolder('media');
  const all = Object.assign(new MemorySettings(), { memoryMediaRoot: media, memoryTickSeconds: 60 }, settings);
  const bell = ring(memoryPipeline(all), { tables: memory, services: (dataSource) => createMemoryServices({ dataSource: dataSource as never, settings: all }) });
  const database: Database = await bell.database();
  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> => database.manager.query<T[]>(sql, values);
  const insert = async (sql: string, values: unknown[]): Promise<string> => {
    const id = newId();
    await query(sql, [id, ...values]);
    return id;
  };
  return {
    ...{ bell, media, query },
    person: async (id = ANN, { timeZone = 'UTC', quietFrom = null, quietTo = null }: { timeZone?: string; quietFrom?: string | null; quietTo?: string | null } = {}) => {
      await query(`INSERT INTO memory.person (id, display_name, is_allowed) VALUES ($1, $1, true)`, [id]);
      await query(`INSERT INTO memory.setting (user_id, time_zone, quiet_from, quiet_to) VALUES ($1, $2, $3, $4)`, [id, timeZone, quietFrom, quietTo]);
      return id;
    },
    note: ({ owner = ANN, content = 'the milk', status = 'confirmed', expires, path } = {}) =>
      insert(`INSERT INTO memory.memory (id, owner_id, content, status, pending_expires_at, expiry_due_at, media_type, media_path) VALUES ($1, $2, $3, $4, $5, $5, CASE WHEN $6::text IS NULL THEN NULL ELSE 'image' END, $6)`, [owner, content, status, expires ?? null, path ?? null]),
    reminder: (fireAt, { owner = ANN, memory: memoryId = null, text, recurrence, policy = 'coalesce' } = {}) =>
      insert(`INSERT INTO memory.reminder (id, series_id, owner_id, memory_id, text, fire_at, due_at, recurrence, missed_policy) VALUES ($1, $1, $2, $3, $4, $5, $5, $6, $7)`, [owner, memoryId, text ?? null, fireAt, recurrence ? JSON.stringify(recurrence) : null, policy]),
    event: (pendingSince, askAt, { memory: memoryId, description = 'dentist' } = {}) =>
      insert(`INSERT INTO memory.event (id, owner_id, memory_id, description, event_time, source_type, status, pending_since, ask_at) VALUES ($1, $2, $3, $4, '2026-06-01T08:00Z', 'manual', 'pending', $5, $6)`, [ANN, memoryId ?? null, description, pendingSince, askAt]),
    tag: async (memoryId, tag, suggestedAt) => void (await query(`INSERT INTO memory.tag (memory_id, tag, status, suggested_at) VALUES ($1, $2, 'suggested', $3)`, [memoryId, tag, suggestedAt])),
    file: async (path) => {
      const file = join(media, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, 'an image');
      return file;
    },
    audit: async () => (await query<{ line: string }>(`SELECT entity_type || ' ' || action || CASE WHEN detail = '{}' THEN '' ELSE ' ' || (detail - 'reminder_id')::text END AS line FROM memory.audit WHERE actor = 'system:scheduler' ORDER BY id`)).map(({ line }) => line),
  };
}
