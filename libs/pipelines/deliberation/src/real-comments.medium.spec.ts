import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { LocalEmbedder } from '@carillon/language';
import { newId } from '@carillon/persistence';
import { itWithReference, referenceData, testDatabase } from '@carillon/testing';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest } from './batch.fixture.js';
import { embeddingText } from './embedding-text.js';
import { Candidate, Submission } from './entities-intake.js';
import { listClusters } from './read/list-clusters.js';
import { runSummary } from './read/run-summary.js';
import { candidateRow } from './store/candidates.js';
import { textHash } from './store/submissions.js';

interface Comment {
  author: string;
  text: string;
  submittedAt: number;
}

/** What intake does with a file of comments, without its gates: read locally, embed locally, store. */
async function store(batch: BatchUnderTest, comments: readonly Comment[]): Promise<number> {
  const authors = new Map<string, string>();
  for (const { author } of comments) if (!authors.has(author)) authors.set(author, await batch.account(author));
  const read = await Promise.all(comments.map(async (comment) => ({ comment, reading: await batch.services.canonicalizer.read(comment.text) })));
  const usable = read.flatMap(({ comment, reading }) => (reading.usable ? [{ comment, reading }] : []));
  const drafts = usable.flatMap(({ reading }) => reading.candidates);
  const vectors = (await batch.services.embedder.embed(drafts.map(embeddingText))).values();
  const submissions: Submission[] = [];
  const candidates: Candidate[] = [];
  for (const { comment, reading } of usable) {
    const [id, submittedAt] = [newId(), new Date(comment.submittedAt)];
    submissions.push({
      ...{ id, accountId: authors.get(comment.author) ?? '', externalId: null, rawText: comment.text, textHash: textHash(comment.text), language: reading.language, status: 'canonicalized' },
      ...{ reasonCode: null, rejectionReason: null, attempts: 1, nextAttemptAt: null, imported: true, submittedAt, createdAt: submittedAt, processedAt: null, quarantinedUntil: null },
    });
    for (const [position, draft] of reading.candidates.entries()) candidates.push(candidateRow(id, position, draft, reading, vectors.next().value, submittedAt));
  }
  await batch.dataSource.manager.insert(Submission, submissions);
  for (let start = 0; start < candidates.length; start += 500) await batch.dataSource.manager.insert(Candidate, candidates.slice(start, start + 500));
  return candidates.length;
}

itWithReference('polis/bowling-green.jsonl')(
  'almost nine hundred real comments, read and embedded locally, fall into concerns that a person can tell apart',
  async () => {
    const lines = readFileSync(referenceData('polis/bowling-green.jsonl') ?? '', 'utf8').trim().split('\n');
    const database = await testDatabase();
    const batch = await batchUnderTest({ url: database.url, embedder: new LocalEmbedder() });
    const stored = await store(batch, lines.map((line) => JSON.parse(line) as Comment));

    const run = await batch.run();
    expect(run).toMatchObject({ status: 'succeeded', errors: [] });
    const clusters = await listClusters(batch.dataSource);
    expect(clusters.length).toBeGreaterThanOrEqual(15);
    expect(clusters.length).toBeLessThanOrEqual(60);
    expect(Math.max(...clusters.map(({ size }) => size))).toBeLessThanOrEqual(0.15 * lines.length);
    expect(new Set(clusters.map(({ title }) => title.en.toLowerCase())).size).toBe(clusters.length);
    const noise = (await runSummary(batch.dataSource, run.id)).clusterings.reduce((sum, clustering) => sum + clustering.noise, 0);
    expect(noise / stored).toBeLessThanOrEqual(0.55);

    const ids = clusters.map(({ id }) => id);
    await batch.run();
    expect((await listClusters(batch.dataSource)).map(({ id }) => id)).toEqual(ids);
    await batch.close();
    await database.drop();
  },
  360_000,
);
