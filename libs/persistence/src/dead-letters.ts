/** Messages that nobody could work on: kept with their reason, listed, re-drivable, never retried for ever. */
import { IsNull } from 'typeorm';
import type { DataSource } from 'typeorm';
import { DeadLetter } from './entities-house.js';
import { newId } from './identifiers.js';
import { storableJson, storableText } from './storable.js';

/** What the bus hands over; structurally the messaging library's dead letter. */
export interface DeadLetterInput {
  service: string;
  subject: string;
  messageId?: string;
  payload: Buffer | string;
  headers: Record<string, string>;
  reason: string;
  error?: string;
  deliveries: number;
}

export interface DeadLetterRow {
  id: string;
  service: string;
  subject: string;
  reason: string;
  error: string | null;
  deliveries: number;
  createdAt: Date;
}

export class DeadLetterStore {
  constructor(private readonly dataSource: DataSource) {}

  async write(letter: DeadLetterInput): Promise<void> {
    const payload = typeof letter.payload === 'string' ? Buffer.from(letter.payload) : letter.payload;
    await this.dataSource.manager.query(
      `INSERT INTO engine.dead_letter (id, service, subject, message_id, payload, headers, reason, error, deliveries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [newId(), letter.service, storableText(letter.subject), textOrNull(letter.messageId), payload, storableJson(letter.headers), storableText(letter.reason), textOrNull(letter.error), letter.deliveries],
    );
  }

  /** Letters that were neither re-driven nor discarded, newest first. */
  async list(limit: number): Promise<DeadLetterRow[]> {
    return this.dataSource.manager.find(DeadLetter, {
      select: { id: true, service: true, subject: true, reason: true, error: true, deliveries: true, createdAt: true },
      where: { redrivenAt: IsNull(), discardedAt: IsNull() },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit,
    });
  }
}

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storableText(text).slice(0, 2_000));
