/** Puts concerns into a database as intake leaves them: canonicalized submissions, each with one candidate and its vector. Set by set, so that filling takes seconds. */
import { encodeVector } from '@carillon/language';
import { newId } from '@carillon/persistence';
import { createHash } from 'node:crypto';

/** Vectors under this name are the local provider's, so nothing is embedded again. */
const MODEL = 'use-lite-en-512';
const PAGE = 1_000;

/**
 * @param {import('typeorm').DataSource} dataSource
 * @param {readonly import('./concerns.mjs').Concern[]} concerns
 * @returns {Promise<void>} two concerns of each person
 */
export async function fillDeliberation(dataSource, concerns) {
  const accounts = Array.from({ length: Math.ceil(concerns.length / 2) }, newId);
  await insert(dataSource, 'deliberation.account', { id: 'uuid', ref: 'text', locale: 'text', contribution_count: 'int' }, accounts.map((id, index) => [id, `person-${index}`, 'en', 2]));
  for (let start = 0; start < concerns.length; start += PAGE) {
    const page = concerns.slice(start, start + PAGE).map((concern, index) => ({ ...concern, account: accounts[(start + index) % accounts.length], submission: newId() }));
    await insert(
      dataSource,
      'deliberation.submission',
      { id: 'uuid', account_id: 'uuid', raw_text: 'text', text_hash: 'text', language: 'text', status: 'text', submitted_at: 'timestamptz' },
      page.map(({ submission, account, text }) => [submission, account, text, createHash('sha256').update(text).digest('hex'), 'en', 'canonicalized', new Date()]),
    );
    await insert(dataSource, 'deliberation.candidate', CANDIDATE, page.map(candidateRow));
  }
  // The database does this by itself within a minute of so many new rows; when exactly would be chance.
  await dataSource.query('VACUUM ANALYZE');
}

const CANDIDATE = {
  ...{ id: 'uuid', submission_id: 'uuid', position: 'int', title: 'text', summary: 'text', stance: 'text', language: 'text', confidence: 'real' },
  ...{ provider: 'text', model_version: 'text', prompt_version: 'text', embedding: 'bytea', embedding_model: 'text', embedding_dimensions: 'int' },
};

function candidateRow({ submission, title, summary, stance, vector }) {
  return [newId(), submission, 0, title, summary, stance, 'en', 0.9, 'local', 'synthetic', 'synthetic', encodeVector(vector), MODEL, vector.length];
}

/** @param {Record<string, string>} columns their types */
async function insert(dataSource, table, columns, rows) {
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
  await dataSource.query(`INSERT INTO ${table} (${Object.keys(columns).join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`, Object.keys(columns).map((_, column) => rows.map((row) => row[column])));
}
