/** The list that an app hands to its data source: every row class and every migration of this pipeline. */
import type { MigrationInterface } from 'typeorm';
import { AccessKey, MemoryRow, MemoryTag, Person, PersonSetting, Tombstone } from './entities-memories.js';
import { AuditRow, DueRow, EventRow, Reminder, Task } from './entities-times.js';
import { Memory1768200000000 } from './migrations/1768200000000-memory.js';
import { Due1769400000000 } from './migrations/1769400000000-due.js';
import { FoundByOwner1769500000000 } from './migrations/1769500000000-found-by-owner.js';

export const memoryEntities: (new () => object)[] = [Person, PersonSetting, AccessKey, MemoryRow, MemoryTag, Tombstone, Task, Reminder, DueRow, EventRow, AuditRow];

export const memoryMigrations: (new () => MigrationInterface)[] = [Memory1768200000000, Due1769400000000, FoundByOwner1769500000000];
