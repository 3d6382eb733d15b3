/**
 * Alerts as rows: one episode a trouble, open until it is over. Opening, telling again and closing are each one transaction with the notice that
 * tells it, so any number of watchers may look at the same time and each thing is told once.
 */
import { isStorm } from '@carillon/engine';
import type { AlertKind, JsonObject } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { queueNotice } from './notices.js';
import type { Channel } from './notices.js';
import { storableJson } from './storable.js';
import { inTransaction } from './transaction.js';

/** Who is told, and how. */
export interface AlertRoute {
  recipient: string;
  channel: Channel;
}

/** What is told: a text of the catalogue and what fills it. */
export interface AlertText {
  messageType: string;
  content: JsonObject;
}

export interface NewAlert {
  kind: AlertKind;
  /** A schedule's id, a pipeline's name, or `engine`. */
  subject: string;
  pipeline?: string;
  scope?: string;
  runId?: string;
  detail?: JsonObject;
  told?: number;
  /** Of the newest decision that this covers, as the database writes it. */
  seenThrough?: string;
  route: AlertRoute;
  text: AlertText;
}

export interface AlertRow {
  id: string;
  kind: AlertKind;
  subject: string;
  pipeline: string | null;
  scope: string | null;
  runId: string | null;
  detail: JsonObject;
  told: number;
  openedAt: Date;
  closedAt: Date | null;
  closedBecause: string | null;
}

export interface Told {
  /** Ids of the notices that were filed. */
  notices: string[];
  /** Ids of the alerts that changed. */
  alerts: string[];
}

/** Opens episodes that are not open yet. Many of one kind and pipeline are told as one, with their number. */
export async function openAlerts(dataSource: DataSource, alerts: readonly NewAlert[]): Promise<Told> {
  if (alerts.length === 0) return { notices: [], alerts: [] };
  return inTransaction(dataSource, async (manager) => {
    const opened: (NewAlert & { id: string })[] = [];
    for (const alert of alerts) {
      const id = await insert(manager, alert);
      if (id !== undefined) opened.push({ ...alert, id });
    }
    const notices: string[] = [];
    for (const group of groupsOf(opened)) {
      if (isStorm(group.length)) notices.push(await file(manager, group[0], `alert.${group[0].id}.storm`, stormText(group)));
      else for (const alert of group) notices.push(await file(manager, alert, `alert.${alert.id}`, alert.text));
    }
    return { notices, alerts: opened.map(({ id }) => id) };
  });
}

/** Tells an open episode again, when nobody did meanwhile. */
export async function tellAgain(dataSource: DataSource, id: string, told: number, route: AlertRoute, text: AlertText): Promise<Told> {
  return inTransaction(dataSource, async (manager) => {
    const [, changed] = await manager.query<[unknown, number]>('UPDATE engine.alert SET told = $2 WHERE id = $1 AND told < $2 AND closed_at IS NULL', [id, told]);
    return changed === 0 ? { notices: [], alerts: [] } : { notices: [await file(manager, { route }, `alert.${id}.${told}`, text)], alerts: [id] };
  });
}

/** Ends an episode, when nobody did meanwhile; without a text its end is no news. */
export async function closeAlert(dataSource: DataSource, id: string, because: string, route: AlertRoute, text?: AlertText): Promise<Told> {
  return inTransaction(dataSource, async (manager) => {
    const [, changed] = await manager.query<[unknown, number]>('UPDATE engine.alert SET closed_at = engine.clock(), closed_because = $2 WHERE id = $1 AND closed_at IS NULL', [id, because]);
    if (changed === 0) return { notices: [], alerts: [] };
    return { notices: text ? [await file(manager, { route }, `alert.${id}.over`, text)] : [], alerts: [id] };
  });
}

/** Newest first; open ones only unless told. */
export async function listAlerts(dataSource: DataSource, { open = false, kind, limit = 50 }: { open?: boolean; kind?: AlertKind; limit?: number } = {}): Promise<AlertRow[]> {
  return dataSource.manager.query(
    `SELECT id, kind, subject, pipeline, scope, run_id AS "runId", detail, told, opened_at AS "openedAt", closed_at AS "closedAt", closed_because AS "closedBecause" FROM engine.alert
     WHERE ($1 = false OR closed_at IS NULL) AND ($2::text IS NULL OR kind = $2) ORDER BY opened_at DESC, id DESC LIMIT $3`,
    [open, kind ?? null, limit],
  );
}

/** Open episodes of these kinds, by subject. */
export async function openBySubject(dataSource: DataSource, kind: AlertKind): Promise<ReadonlyMap<string, string>> {
  const rows = await dataSource.manager.query<{ id: string; subject: string }[]>('SELECT id, subject FROM engine.alert WHERE kind = $1 AND closed_at IS NULL', [kind]);
  return new Map(rows.map(({ id, subject }) => [subject, id]));
}

/** Lets a schedule differ from the settings in what is told about it; null takes everything back. False when there is no such schedule. */
export async function setScheduleAlerts(dataSource: DataSource, schedule: string, alerts: JsonObject | null): Promise<boolean> {
  const [, changed] = await dataSource.manager.query<[unknown, number]>('UPDATE engine.schedule SET alerts = $2 WHERE name = $1', [schedule, alerts && storableJson(alerts)]);
  return changed > 0;
}

async function insert(manager: EntityManager, { kind, subject, pipeline, scope, runId, detail = {}, told = 0, seenThrough }: NewAlert): Promise<string | undefined> {
  const [row] = await manager.query<{ id: string }[]>(
    `INSERT INTO engine.alert (id, kind, subject, pipeline, scope, run_id, detail, told, seen_through) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET seen_through = greatest(alert.seen_through, excluded.seen_through)
     RETURNING CASE WHEN id = $1 THEN id END AS id`,
    [newId(), kind, subject, pipeline ?? null, scope ?? null, runId ?? null, storableJson(detail), told, seenThrough ?? null],
  );
  return row?.id ?? undefined;
}

async function file(manager: EntityManager, { route, runId }: Pick<NewAlert, 'route' | 'runId'>, dedupeKey: string, { messageType, content }: AlertText): Promise<string> {
  const { id } = await queueNotice(manager, { ...route, messageType, content, dedupeKey, ...(runId !== undefined && { runId }) });
  return id;
}

type Group = [NewAlert & { id: string }, ...(NewAlert & { id: string })[]];

function groupsOf(alerts: readonly (NewAlert & { id: string })[]): Group[] {
  const groups = new Map<string, Group>();
  for (const alert of alerts) {
    const key = `${alert.kind} ${alert.pipeline ?? ''} ${alert.route.channel} ${alert.route.recipient}`;
    const group = groups.get(key);
    if (group) group.push(alert);
    else groups.set(key, [alert]);
  }
  return [...groups.values()];
}

const SCOPES_NAMED = 5;

function stormText(group: Group): AlertText {
  const [{ kind, pipeline = '' }] = group;
  return { messageType: 'alert_storm', content: { kind, pipeline, count: group.length, scopes: group.slice(0, SCOPES_NAMED).map(({ scope = '' }) => scope), example: group[0].text.content } };
}
