/**
 * Claims where something is limited: runs at once of a pipeline, of a scope, of a service, or attempts of a step in a time. Exact, because one transaction
 * at a time claims for what is limited; cheap, because it claims many at once, and whatever only releases does not take part.
 */
import type { PipelineLimits, StepRate } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { CLAIM_BEST, CLAIM_BY_SCOPE } from './claims.sql.js';
import { claimsOf, SETTLE_GRACE_MS } from './claims.js';
import type { ClaimedStep, ClaimRow } from './claims.js';
import { askIn } from './statements.js';
import { inTransaction } from './transaction.js';

export interface LimitedRequest {
  worker: string;
  owner: string;
  pipeline: string;
  /** Names of the steps that this worker has code for, with the rate of those that have one. */
  steps: readonly { name: string; rate?: StepRate }[];
  room: number;
  limits: PipelineLimits;
  /** Steps of the owner that may be worked on at once over all its processes. */
  overall?: number;
}

export interface WithinLimits {
  claims: ClaimedStep[];
  /** A limit may have held something back: how long until it can be otherwise. Infinity when none did. */
  againInMs: number;
}

/** When nothing is known about when a limit lets go: somebody else's step has to end. */
const LIMITED_AGAIN_MS = 200;

export async function claimWithinLimits(dataSource: DataSource, request: LimitedRequest): Promise<WithinLimits> {
  return inTransaction(dataSource, (manager) => claimLimited(manager, request));
}

/** In the caller's transaction, which holds the limits until it ends: it claims for one pipeline, and is short. */
export async function claimLimited(manager: EntityManager, request: LimitedRequest): Promise<WithinLimits> {
  const { owner, pipeline, limits, overall } = request;
  const locks = [...(overall === undefined ? [] : [`carillon.limit overall ${owner}`]), `carillon.limit ${pipeline}`];
  for (const lock of locks) await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
  const free = await freeOf(manager, owner, pipeline, limits.concurrency, overall);
  const rows: ClaimRow[] = [];
  let againInMs = free < request.room ? LIMITED_AGAIN_MS : Infinity;
  const plain = request.steps.filter((step) => step.rate === undefined).map((step) => step.name);
  const left = (): number => Math.min(request.room, free) - rows.length;
  if (plain.length > 0 && left() > 0) rows.push(...(await claim(manager, request, plain, left())));
  for (const { name, rate } of request.steps) {
    if (rate === undefined || left() <= 0) continue;
    const bucket = await tokensOf(manager, pipeline, name, rate);
    const taken = bucket.tokens < 1 ? [] : await claim(manager, request, [name], Math.min(left(), Math.floor(bucket.tokens)));
    rows.push(...taken);
    await manager.query('UPDATE engine.rate SET tokens = $3, counted_at = engine.clock() WHERE pipeline = $1 AND step = $2', [pipeline, name, bucket.tokens - taken.length]);
    if (taken.length >= Math.floor(bucket.tokens)) againInMs = Math.min(againInMs, ((1 - ((bucket.tokens - taken.length) % 1)) * rate.per) / rate.count);
  }
  if (limits.perScope !== undefined) againInMs = Math.min(againInMs, LIMITED_AGAIN_MS);
  return { claims: await claimsOf(manager, rows), againInMs };
}

async function freeOf(manager: EntityManager, owner: string, pipeline: string, concurrency: number | undefined, overall: number | undefined): Promise<number> {
  if (concurrency === undefined && overall === undefined) return Infinity;
  const [row] = await manager.query<{ own: number; all: number }[]>(
    `SELECT count(*) FILTER (WHERE pipeline = $2)::int AS own, count(*) FILTER (WHERE owner = $1)::int AS all FROM engine.active_run WHERE status = 'running'`,
    [owner, pipeline],
  );
  return Math.max(0, Math.min((concurrency ?? Infinity) - (row?.own ?? 0), (overall ?? Infinity) - (row?.all ?? 0)));
}

async function claim(manager: EntityManager, { worker, owner, pipeline, limits }: LimitedRequest, steps: readonly string[], room: number): Promise<ClaimRow[]> {
  const names = steps.map((step) => `${pipeline}.${step}`);
  const values = [owner, [pipeline], names, room, worker, SETTLE_GRACE_MS];
  return limits.perScope === undefined ? askIn(manager)<ClaimRow>(CLAIM_BEST, values) : askIn(manager)<ClaimRow>(CLAIM_BY_SCOPE, [...values, limits.perScope]);
}

/** The bucket's tokens now, its row held until the commit. */
async function tokensOf(manager: EntityManager, pipeline: string, step: string, { count, per, burst }: StepRate): Promise<{ tokens: number }> {
  await manager.query('INSERT INTO engine.rate (pipeline, step, tokens, counted_at) VALUES ($1, $2, $3, engine.clock()) ON CONFLICT DO NOTHING', [pipeline, step, burst]);
  const [row] = await manager.query<{ tokens: number }[]>(
    `SELECT least($3::float8, tokens + greatest(0, extract(epoch FROM engine.clock() - counted_at)::float8) * 1000 / $4::float8 * $5::float8) AS tokens FROM engine.rate WHERE pipeline = $1 AND step = $2 FOR UPDATE`,
    [pipeline, step, burst, per, count],
  );
  return { tokens: row?.tokens ?? 0 };
}
