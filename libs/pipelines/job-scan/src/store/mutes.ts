/** What nobody wants to be told of any more: a posting, or a company. It is scanned and matched all the same. */
import type { DataSource } from 'typeorm';
import { Mute } from '../entities.js';
import { NotThere } from '../errors.js';
import { comparableCompany } from '../rules/similarity.js';

export interface Mutes {
  holds(posting: { jobKey: string; company: string }): boolean;
}

export async function readMutes(dataSource: DataSource): Promise<Mutes> {
  const rows = await dataSource.manager.find(Mute);
  const of = (kind: Mute['kind']): Set<string> => new Set(rows.filter((row) => row.kind === kind).map(({ value }) => value));
  const [companies, postings] = [of('company'), of('posting')];
  return { holds: ({ jobKey, company }) => postings.has(jobKey) || companies.has(comparableCompany(company)) };
}

export async function listMutes(dataSource: DataSource): Promise<Mute[]> {
  return dataSource.manager.find(Mute, { order: { kind: 'ASC', label: 'ASC' } });
}

export async function muteCompany(dataSource: DataSource, name: string): Promise<void> {
  await mute(dataSource, 'company', comparableCompany(name), name);
}

/** @param key a job key, or its beginning. @throws NotThere */
export async function mutePosting(dataSource: DataSource, key: string): Promise<void> {
  const rows = await dataSource.manager.query<{ key: string; label: string }[]>(`SELECT job_key AS key, title || ' at ' || company AS label FROM job_scan.posting WHERE starts_with(job_key, $1) ORDER BY job_key LIMIT 2`, [key.toLowerCase()]);
  const [found] = rows;
  if (!found || key.length < 8) throw new NotThere(`there is no posting "${key}": write its job key, or at least the first eight digits of it`);
  if (rows.length > 1) throw new NotThere(`more than one posting begins with "${key}": write more of the job key`);
  await mute(dataSource, 'posting', found.key, found.label);
}

/** @returns whether it was muted */
export async function unmute(dataSource: DataSource, what: string): Promise<boolean> {
  const rows = await dataSource.manager.query<[unknown[], number]>(`DELETE FROM job_scan.mute WHERE (kind = 'posting' AND starts_with(value, $1) AND length($1) >= 8) OR (kind = 'company' AND value = $2)`, [what.toLowerCase(), comparableCompany(what)]);
  return rows[1] > 0;
}

async function mute(dataSource: DataSource, kind: Mute['kind'], value: string, label: string): Promise<void> {
  await dataSource.manager.query('INSERT INTO job_scan.mute (kind, value, label, at) VALUES ($1, $2, $3, engine.clock()) ON CONFLICT DO NOTHING', [kind, value, label]);
}
