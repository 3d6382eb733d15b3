/** Messages that nobody could work on, and notices that failed for good: kept with their reason, listed, re-driven or discarded by a person, never retried for ever. */
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import type { NoticeStatus } from './notice-ledger.js';
import { requeueNotices } from './redrive-notices.js';
import { storableJson, storableText } from './storable.js';
import { inTransaction } from './transaction.js';

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
  redrivenAt: Date | null;
  redrivenTimes: number;
  discardedAt: Date | null;
  /** Who re-drove or discarded it. */
  handledBy: string | null;
  /** Of a notice that failed for good; it is the letter's id too. */
  noticeId: string | null;
}

export interface DeadLetterDetail extends DeadLetterRow {
  messageId: string | null;
  headers: Record<string, string>;
  /** As it came; of a notice what the ledger has of it. */
  payload: Buffer;
  /** Of a notice: what has become of it meanwhile, and why nobody is reached at its address. */
  noticeStatus: NoticeStatus | null;
  closedBecause: string | null;
}

export type DeadLetterState = 'open' | 'redriven' | 'discarded';

export interface DeadLetterFilter {
  /** Open ones unless told. */
  state?: DeadLetterState | 'all';
  reason?: string;
  limit?: number;
}

/** Letters by id, or every open one, of one reason when that is said. */
export type WhichLetters = { ids: readonly string[] } | { all: true; reason?: string };

/** What a person wants to be done with letters. */
export interface LetterOrder {
  /** Recorded beside what was done. */
  by: string;
  /** Also letters that were re-driven or discarded before; without it they are refused, so that nothing is sent twice by mistake. */
  again?: boolean;
}

export interface HandledLetters {
  done: string[];
  refused: { id: string; why: string }[];
}

const AT_ONCE = 200;
const ROW = `d.id, d.service, d.subject, d.reason, d.error, d.deliveries, d.created_at AS "createdAt", d.redriven_at AS "redrivenAt", d.redriven_times AS "redrivenTimes", d.discarded_at AS "discardedAt", d.handled_by AS "handledBy", d.notice_id AS "noticeId"`;
const DETAIL = `${ROW}, d.message_id AS "messageId", d.headers, n.status AS "noticeStatus", m.closed_because AS "closedBecause",
  CASE WHEN n.id IS NULL THEN d.payload ELSE convert_to(jsonb_build_object('notice_id', n.id, 'user_id', n.recipient, 'message_type', n.message_type, 'content', CASE WHEN n.content->'secret' = 'true' THEN '{"secret": true}' ELSE n.content END)::text, 'UTF8') END AS payload
  FROM engine.dead_letter d LEFT JOIN notices.notice n ON n.id = d.notice_id
  LEFT JOIN notices.address a ON a.channel = n.channel AND a.recipient = n.recipient LEFT JOIN notices.mailbox m ON m.channel = n.channel AND m.address = coalesce(a.address, n.recipient)`;
const IN_STATE = {
  open: 'redriven_at IS NULL AND discarded_at IS NULL',
  redriven: 'redriven_at IS NOT NULL',
  discarded: 'discarded_at IS NOT NULL',
  all: 'true',
};

export class DeadLetterStore {
  constructor(private readonly dataSource: DataSource) {}

  async write(letter: DeadLetterInput): Promise<void> {
    const payload = typeof letter.payload === 'string' ? Buffer.from(letter.payload) : letter.payload;
    await this.dataSource.manager.query(
      `INSERT INTO engine.dead_letter (id, service, subject, message_id, payload, headers, reason, error, deliveries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [newId(), letter.service, storableText(letter.subject), textOrNull(letter.messageId), payload, storableJson(letter.headers), storableText(letter.reason), textOrNull(letter.error), letter.deliveries],
    );
  }

  /** Newest first. */
  async list({ state = 'open', reason, limit = 200 }: DeadLetterFilter = {}): Promise<DeadLetterRow[]> {
    return this.dataSource.manager.query(`SELECT ${ROW} FROM engine.dead_letter d WHERE ${IN_STATE[state]} AND ($1::text IS NULL OR reason = $1) ORDER BY created_at DESC, id DESC LIMIT $2`, [reason ?? null, limit]);
  }

  /** With payload and headers, as they came. */
  async show(id: string): Promise<DeadLetterDetail | undefined> {
    const [letter] = await this.dataSource.manager.query<DeadLetterDetail[]>(`SELECT ${DETAIL} WHERE d.id = $1`, [id]);
    return letter;
  }

  /**
   * Promises the original messages anew and marks their letters, in one transaction each batch. The new message has an id of its own: under the
   * old one the bus may take it for a repetition and drop it. A notice waits in its line again; its notifier finds it within two seconds.
   * @param whyNot says why a letter can not be published again, with the remedy; undefined when it can
   */
  redrive(which: WhichLetters, order: LetterOrder, whyNot: (letter: DeadLetterDetail) => string | undefined): Promise<HandledLetters> {
    return this.handle(which, order, whyNot, async (manager, letters) => {
      const messages = letters.filter(({ noticeId }) => noticeId === null);
      await manager.query(
        `INSERT INTO engine.outbox (id, subject, payload, headers) SELECT * FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::jsonb[])`,
        [messages.map(() => newId()), messages.map((one) => one.subject), messages.map((one) => one.payload.toString() || '{}'), messages.map((one) => storableJson(sendableHeaders(one.headers)))],
      );
      await requeueNotices(manager, letters.flatMap(({ noticeId }) => noticeId ?? []));
      await manager.query(`UPDATE engine.dead_letter SET redriven_at = engine.clock(), redriven_times = redriven_times + 1, discarded_at = NULL, handled_by = $2 WHERE id = ANY($1)`, [idsOf(letters), storableText(order.by)]);
    });
  }

  /** Marks letters as done with; their rows stay until housekeeping removes them. */
  discard(which: WhichLetters, order: LetterOrder): Promise<HandledLetters> {
    return this.handle(which, order, () => undefined, async (manager, letters) => {
      await manager.query('UPDATE engine.dead_letter SET discarded_at = engine.clock(), handled_by = $2 WHERE id = ANY($1)', [idsOf(letters), storableText(order.by)]);
    });
  }

  private async handle(which: WhichLetters, { again = false }: LetterOrder, whyNot: (letter: DeadLetterDetail) => string | undefined, act: (manager: EntityManager, letters: DeadLetterDetail[]) => Promise<void>): Promise<HandledLetters> {
    const handled: HandledLetters = { done: [], refused: [] };
    for (let after: string | undefined = NO_ID; after !== undefined; ) {
      after = await inTransaction(this.dataSource, async (manager) => {
        const letters = await lockBatch(manager, which, after ?? NO_ID);
        const verdicts = letters.map((letter) => ({ letter, why: (again ? undefined : whyClosed(letter)) ?? whyNot(letter) }));
        const good = verdicts.filter(({ why }) => why === undefined).map(({ letter }) => letter);
        if (good.length > 0) await act(manager, good);
        handled.done.push(...idsOf(good));
        handled.refused.push(...verdicts.flatMap(({ letter, why }) => (why === undefined ? [] : [{ id: letter.id, why }])));
        return letters.length < AT_ONCE ? undefined : letters.at(-1)?.id;
      });
    }
    return { ...handled, refused: [...handled.refused, ...missing(which, handled)] };
  }
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Two people at once: the second waits, and then finds the letters marked. */
async function lockBatch(manager: EntityManager, which: WhichLetters, after: string): Promise<DeadLetterDetail[]> {
  const [chosen, value] = 'ids' in which ? ['d.id = ANY($3::uuid[])', which.ids] : [`${IN_STATE.open} AND ($3::text IS NULL OR reason = $3)`, which.reason ?? null];
  return manager.query(`SELECT ${DETAIL} WHERE ${chosen} AND d.id > $1 ORDER BY d.id LIMIT $2 FOR UPDATE OF d`, [after, AT_ONCE, value]);
}

function whyClosed({ id, redrivenAt, discardedAt, handledBy }: DeadLetterRow): string | undefined {
  const what = redrivenAt ? `re-driven at ${redrivenAt.toISOString()}` : discardedAt ? `discarded at ${discardedAt.toISOString()}` : undefined;
  return what && `letter ${id} was ${what}${handledBy === null ? '' : ` by ${handledBy}`}; say "again" to do it all the same`;
}

function missing(which: WhichLetters, { done, refused }: HandledLetters): HandledLetters['refused'] {
  const known = new Set([...done, ...refused.map(({ id }) => id)]);
  return 'ids' in which ? which.ids.filter((id) => !known.has(id)).map((id) => ({ id, why: `there is no dead letter ${id}` })) : [];
}

/** Those that begin with "Nats-" steer the server, and what no header may hold would keep the message from ever being published. */
const sendableHeaders = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([name, value]) => /^(?!nats-)[!-9;-~]+$/i.test(name) && !/[\r\n]/.test(value)));

const idsOf = (letters: readonly DeadLetterRow[]): string[] => letters.map(({ id }) => id);

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storableText(text).slice(0, 2_000));
