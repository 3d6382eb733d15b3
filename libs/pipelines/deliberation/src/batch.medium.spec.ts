import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@carillon/testing';
import { testDatabase } from '@carillon/testing';
import { hours } from '@carillon/engine';
import { asTransaction, inTransaction } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import { pipelineResult } from './pipeline-result.js';
import { currentCycle } from './read/cycles.js';
import { listClusters } from './read/list-clusters.js';
import { runSummary } from './read/run-summary.js';
import { endorse } from './store/endorsements.js';

let database: TestDatabase;
let batch: BatchUnderTest;

beforeEach(async () => {
  database = await testDatabase();
  batch = await batchUnderTest({ url: database.url });
});

afterEach(async () => {
  await batch.close();
  await database.drop();
});

const stepEnds = (run: RunHistory): string[] => run.steps.map(({ name, status }) => `${name} ${status}`);
const evidenceCount = async (): Promise<number> => (await batch.query<{ count: number }>('SELECT count(*)::int AS count FROM deliberation.evidence'))[0]?.count ?? 0;
const threeTopics = [...concerns(0, 8), ...concerns(1, 9), ...concerns(2, 10)];

describe('the batch', () => {
  it('does its steps in the documented order', async () => {
    await batch.submit(threeTopics);
    const run = await batch.run();
    expect(stepEnds(run)).toEqual(
      ['closeExpiredCycles', 'recoverPending', 'embedMissing', 'cluster', 'checkStability', 'summarize', 'proposeOptions', 'buildAgenda', 'markProcessed'].map((name) => `${name} done`),
    );
    expect(run.status).toBe('succeeded');
  });

  it('with nothing to do ends with zeros', async () => {
    const run = await batch.run();
    expect(run.status).toBe('succeeded');
    const { started_at: _started, completed_at: _completed, ...counts } = pipelineResult(run);
    expect(counts).toEqual({
      submissions_processed: 0, candidates_created: 0, embeddings_computed: 0, clusters_created: 0, clusters_needing_resummarize: 0, agenda_size: 0, errors: [],
    });
    expect(await evidenceCount()).toBe(0);
  });

  it('groups concerns by topic and counts what it did', async () => {
    await batch.submit(threeTopics);
    const run = await batch.run();
    expect(pipelineResult(run)).toMatchObject({ submissions_processed: 27, clusters_created: 3, clusters_needing_resummarize: 3, agenda_size: 3, errors: [] });
    const clusters = await listClusters(batch.dataSource);
    expect(clusters.map(({ size }) => size)).toEqual([10, 9, 8]);
    expect(clusters[0]).toMatchObject({ supporters: 10, onBallot: true, options: 2, stability: 1, unstable: false, lastChange: { kind: 'birth', joined: 10 } });
    expect(new Set(clusters.map(({ title }) => title.en)).size).toBe(3);
    expect(clusters[0]?.title.en).toMatch(/river|pollution/i);
    expect(clusters[0]?.question?.fa).toContain('«');
    expect(await runSummary(batch.dataSource, run.id)).toMatchObject({ clusterings: [{ candidates: 27, clusters: 3, noise: 0 }], changes: { birth: 3 }, cyclesClosed: [] });
  });

  it('run a second time on the same input, changes nothing but the record of the clustering', async () => {
    await batch.submit(threeTopics);
    await batch.run();
    const state = `SELECT json_build_object('clusters', (SELECT json_agg(c ORDER BY id) FROM deliberation.cluster c), 'members', (SELECT json_agg(m ORDER BY candidate_id) FROM deliberation.cluster_member m),
      'options', (SELECT json_agg(o ORDER BY id) FROM deliberation.policy_option o), 'cycles', (SELECT json_agg(v) FROM deliberation.voting_cycle v),
      'submissions', (SELECT json_agg(s ORDER BY id) FROM deliberation.submission s), 'evidence', (SELECT count(*) FROM deliberation.evidence), 'changes', (SELECT count(*) FROM deliberation.cluster_change)) AS state`;
    const [before] = await batch.query(state);
    const second = await batch.run();
    expect(await batch.query(state)).toEqual([before]);
    expect(pipelineResult(second)).toMatchObject({ submissions_processed: 0, clusters_created: 0, clusters_needing_resummarize: 0 });
    expect(await batch.query('SELECT count(*)::int AS count FROM deliberation.clustering_run')).toEqual([{ count: 2 }]);
  });

  it('killed in every step and resumed, gives the same result', async () => {
    await batch.submit(threeTopics);
    const run = await batch.run({ dieIn: batch.pipeline.steps.map(({ plan }) => plan.name) });
    expect(run.status).toBe('succeeded');
    expect(pipelineResult(run)).toMatchObject({ submissions_processed: 27, clusters_created: 3, clusters_needing_resummarize: 3, agenda_size: 3 });
    expect(run.counts).toMatchObject({ clustersSummarized: 3, clustersWithNewOptions: 3, cyclesOpened: 1 });
    const events = await batch.query<{ event: string; count: number }>('SELECT event_type AS event, count(*)::int AS count FROM deliberation.evidence GROUP BY 1 ORDER BY 1');
    expect(Object.fromEntries(events.map(({ event, count }) => [event, count]))).toEqual({
      ballot_question_generated: 3, cluster_created: 3, cycle_opened: 1, pipeline_run: 1, policy_options_generated: 3,
    });
    expect(await batch.query('SELECT count(*)::int AS count FROM notices.notice')).toEqual([{ count: 1 }]);
  });

  it('marks what took part, and only that: a concern without a vector waits, noise is tried again (defect 8)', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(1, 2), ...concerns(1, 1, { model: null })]);
    const first = await batch.run({ instead: { embedMissing: async () => ({ kind: 'done' }) } });
    expect(first.counts).toMatchObject({ submissionsProcessed: 8, candidates: 8 });
    await batch.submit(concerns(1, 4));
    await batch.run({ instead: { embedMissing: async () => ({ kind: 'done' }) } });
    expect((await listClusters(batch.dataSource)).map(({ size }) => size)).toEqual([6, 6]);
    expect(await batch.query(`SELECT count(*)::int AS count FROM deliberation.submission WHERE status = 'canonicalized'`)).toEqual([{ count: 1 }]);
  });

  it('vectors of two models are never clustered together (defect 16)', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(0, 7, { model: 'other-24' })]);
    await batch.run();
    expect((await runSummary(batch.dataSource, (await batch.query<{ id: string }>('SELECT run_id AS id FROM deliberation.clustering_run LIMIT 1'))[0]?.id ?? '')).clusterings).toMatchObject([
      { embeddingModel: 'other-24', candidates: 7 },
      { embeddingModel: 'spec-24', candidates: 6 },
    ]);
  });

  it('fewer concerns than a group needs are all noise, without an error', async () => {
    await batch.submit(concerns(0, 3));
    const run = await batch.run();
    expect(run).toMatchObject({ status: 'succeeded', errors: [], counts: { noise: 3, clustersCreated: 0, submissionsProcessed: 3 } });
  });

  it('when clustering fails, nothing that builds on it runs, and the submissions wait for the next run', async () => {
    await batch.submit(threeTopics);
    const broken = await batch.run({ instead: { cluster: async () => Promise.reject(new Error('out of memory')) } });
    expect(broken.status).toBe('partial');
    expect(stepEnds(broken).slice(-5)).toEqual(['checkStability skipped', 'summarize skipped', 'proposeOptions skipped', 'buildAgenda skipped', 'markProcessed skipped']);
    expect(await batch.query(`SELECT DISTINCT status FROM deliberation.submission`)).toEqual([{ status: 'canonicalized' }]);
    expect(pipelineResult(await batch.run())).toMatchObject({ submissions_processed: 27, clusters_created: 3 });
  });

  it('a summary that can not be written keeps its flag, the others go on, and the error is in the result', async () => {
    await batch.submit(threeTopics);
    await batch.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.member_count = 9 AND NEW.question IS NOT NULL THEN RAISE 'no room'; END IF; RETURN NEW; END $$`);
    await batch.query('CREATE TRIGGER refuse BEFORE UPDATE ON deliberation.cluster FOR EACH ROW EXECUTE FUNCTION refuse()');
    const run = await batch.run();
    expect(run.status).toBe('partial');
    expect(pipelineResult(run).errors).toEqual([expect.stringMatching(/cluster [0-9a-f-]{36}: no room/)]);
    expect(await batch.query('SELECT member_count AS size FROM deliberation.cluster WHERE needs_resummarize')).toEqual([{ size: 9 }]);
    expect((await currentCycle(batch.dataSource))?.items).toHaveLength(2);
    await batch.query('DROP TRIGGER refuse ON deliberation.cluster');
    await batch.run();
    expect(await batch.query('SELECT FROM deliberation.cluster WHERE needs_resummarize')).toEqual([]);
  });
});

describe('what starts the batch', () => {
  const trigger = () => inTransaction(batch.dataSource, async (manager) => ({
    count: (await batch.pipeline.counters[0]?.read(batch.services, asTransaction(manager), { scope: '' })) ?? -1,
    due: (await batch.pipeline.conditions[0]?.holds(batch.services, asTransaction(manager), { scope: '' })) ?? true,
  }));

  it('counts what a run can work on now: not what is held or waits for its next attempt', async () => {
    await batch.submit([...concerns(0, 2), ...concerns(0, 3, { status: 'pending', model: null })]);
    await batch.query(`UPDATE deliberation.submission SET next_attempt_at = engine.clock() + interval '1 hour' WHERE id = (SELECT id FROM deliberation.submission WHERE status = 'pending' ORDER BY id LIMIT 1)`);
    await batch.query(`UPDATE deliberation.submission SET status = 'quarantined', quarantined_until = engine.clock() + interval '1 hour' WHERE id = (SELECT id FROM deliberation.submission WHERE status = 'pending' ORDER BY id DESC LIMIT 1)`);
    expect(await trigger()).toEqual({ count: 3, due: false });
    await batch.advance(hours(1));
    expect((await trigger()).count).toBe(5);
  });

  it('a ballot whose time is up is due, and its end is followed by the next one only after the cooldown', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(1, 6), ...concerns(2, 6)]);
    await batch.query(`UPDATE deliberation.submission SET account_id = (SELECT id FROM deliberation.account ORDER BY ref LIMIT 1) WHERE raw_text !~ '^Parking'`);
    await batch.run();
    expect(await trigger()).toEqual({ count: 0, due: false });
    await batch.advance(hours(48));
    expect((await trigger()).due).toBe(true);
    await batch.run();
    expect(await currentCycle(batch.dataSource)).toBeUndefined();

    const [other] = await listClusters(batch.dataSource);
    for (const ref of ['e1', 'e2', 'e3', 'e4']) expect(await endorse(batch.dataSource, { accountId: await batch.account(ref), clusterId: other?.id ?? '' })).toBe('endorsed');
    expect((await trigger()).due).toBe(false);
    await batch.advance(hours(1));
    expect((await trigger()).due).toBe(true);
    await batch.run();
    expect((await currentCycle(batch.dataSource))?.items.map(({ clusterId }) => clusterId)).toEqual([other?.id]);
    expect((await trigger()).due).toBe(false);
  });
});
