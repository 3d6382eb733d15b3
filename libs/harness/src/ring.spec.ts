import { describe, expect, it } from '@jest/globals';
import { after, allowOverlap, cron, dailyAt, days, done, every, fireAll, hours, manual, minutes, pipeline, queueOne, replaceRunning, seconds, skip, skipBeyond, snooze, step, threshold, whenReady, withServices } from '@carillon/engine';
import type { Pipeline, PipelineOptions } from '@carillon/engine';
import { localTime, ring } from './index.js';
import type { Story, ToldRun } from './index.js';

const NEW_YORK = 'America/New_York';
const collect = step('collect', { does: 'collects', run: async ({ attempt }) => done({ counts: { pages: 2 }, output: { ids: ['a', 'b'], attempt } }), retry: { maxAttempts: 3, baseMs: 60_000, capMs: 3_600_000, jitter: 0 } });
const publish = step('publish', { does: 'publishes', needs: { collect }, run: async ({ inputs }) => done({ counts: { published: inputs.collect.ids.length } }) });
const bell = (options: Partial<PipelineOptions<unknown>> = {}): Pipeline<unknown> => pipeline('bell', { does: 'rings', trigger: dailyAt('02:30', NEW_YORK), steps: [collect, publish], ...options });
const id = (run: number): string => `00000000-0000-7000-8000-${String(run).padStart(12, '0')}`;
const times = ({ runs }: Story): string[] => runs.map((run) => run.requestedAt.toISOString().slice(0, 16));
const steps = (run: ToldRun | undefined): string[] => (run?.steps ?? []).map((one) => `${one.name} ${one.attempt} ${one.status}`);

describe('a bell at a local time', () => {
  it('rings what is due in that minute, and tells what came of it', async () => {
    const { runs, occurrences, counts, ends } = await ring(bell()).at('2026-01-10T02:30', NEW_YORK);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ status: 'succeeded', trigger: 'cron', reason: 'due', scheduledFor: new Date('2026-01-10T07:30:00Z'), counts: { pages: 2, published: 2 }, outputs: { collect: { ids: ['a', 'b'] } } });
    expect(steps(runs[0])).toEqual(['collect 1 done', 'publish 1 done']);
    expect(occurrences).toEqual([{ scope: '', scheduledFor: new Date('2026-01-10T07:30:00Z'), outcome: 'ran', reason: 'due', runId: id(1) }]);
    expect([counts, ends]).toEqual([{ pages: 2, published: 2 }, { succeeded: 1 }]);
    expect((await ring(bell()).at('2026-01-10T02:31', NEW_YORK)).runs).toEqual([]);
  });

  it('that clocks jump over, says so and rings when they jump', async () => {
    const story = await ring(bell()).at('2026-03-08T02:30', NEW_YORK);
    expect(times(story)).toEqual(['2026-03-08T07:00']);
    expect(story.note).toBe('clocks in America/New_York jump over 2026-03-08T02:30; at 2026-03-08T07:00:00.000Z they show 2026-03-08T03:00');
    expect((await ring(bell({ daylight: { gap: 'skip' } })).at('2026-03-08T02:30', NEW_YORK)).runs).toEqual([]);
  });

  it('that clocks show twice, looks at both', async () => {
    const daily = dailyAt('01:30', NEW_YORK);
    expect(times(await ring(bell({ trigger: daily })).at('2026-11-01T01:30', NEW_YORK))).toEqual(['2026-11-01T05:30']);
    expect(times(await ring(bell({ trigger: daily, daylight: { overlap: 'both' } })).at('2026-11-01T01:30', NEW_YORK))).toEqual(['2026-11-01T05:30', '2026-11-01T06:30']);
  });

  it('can be asked for again and again, as long as time goes on', async () => {
    const one = ring(bell());
    expect((await one.at('2026-01-10T02:30', NEW_YORK)).runs).toHaveLength(1);
    expect((await one.at('2026-01-12T02:30', NEW_YORK)).runs.map(({ id }) => id)).toEqual([id(3)]);
    await expect(one.at('2026-01-09T02:30', NEW_YORK)).rejects.toThrow('this bell hangs since 2026-01-10T07:30:00.000Z; for an earlier 2026-01-09T07:30:00.000Z ring a new one');
    await expect(one.at('tomorrow')).rejects.toThrow('"tomorrow" is not a time: write "2026-03-08T02:30"');
  });
});

describe('a year', () => {
  it('of a daily bell has a run a day, each at the time that clocks show', async () => {
    const year = await ring(bell()).between('2026-01-01', '2027-01-01', NEW_YORK);
    expect(year.ends).toEqual({ succeeded: 365 });
    expect(year.counts).toEqual({ pages: 730, published: 730 });
    const odd = year.runs.map((run) => localTime(run.requestedAt, NEW_YORK)).filter((local) => !local.endsWith('T02:30'));
    expect(odd).toEqual(['2026-03-08T03:00']);
  });

  it('of due times is told without a run', () => {
    let asked = 0;
    const never = step('never', { does: 'counts', run: async () => ((asked += 1), done()) });
    const due = ring(bell({ trigger: cron('0 9 * * MON#1', 'Europe/Berlin'), steps: [never] })).due('2026-01-01', '2027-01-01', 'Europe/Berlin');
    expect(due.map((at) => localTime(at, 'Europe/Berlin').slice(5))).toEqual(['01-05T09:00', '02-02T09:00', '03-02T09:00', '04-06T09:00', '05-04T09:00', '06-01T09:00', '07-06T09:00', '08-03T09:00', '09-07T09:00', '10-05T09:00', '11-02T09:00', '12-07T09:00']);
    expect(asked).toBe(0);
    expect(() => ring(bell({ trigger: manual() })).due('2026-01-01', '2027-01-01')).toThrow('"bell" rings on manual, not at times that can be told ahead');
  });

  it('of an hourly bell has all its hours', async () => {
    expect((await ring(bell({ trigger: cron('0 * * * *', NEW_YORK) })).between('2026-01-01', '2027-01-01', NEW_YORK)).ends).toEqual({ succeeded: 365 * 24 });
  });
});

describe('a step in trouble', () => {
  it('that fails is tried again after its waits, as its error class says', async () => {
    const run = await ring(bell()).fails(collect, new Error('503'), { times: 2 }).run();
    expect(steps(run)).toEqual(['collect 1 retried', 'collect 2 retried', 'collect 3 done', 'publish 1 done']);
    expect(run.steps.map((one) => (one.startedAt.getTime() - run.requestedAt.getTime()) / 1_000)).toEqual([0, 60, 180, 180]);
    const picky = step('collect', { does: 'collects', retry: { retryable: [RangeError] }, run: async () => done() });
    expect(steps(await ring(bell({ steps: [picky] })).fails(picky, new TypeError('a bug')).run())).toEqual(['collect 1 failed']);
    expect(steps(await ring(bell({ steps: [picky] })).fails(picky, new RangeError('busy'), { times: 1 }).run())).toEqual(['collect 1 retried', 'collect 2 done']);
  });

  it('that fails for good ends the run, and the rest is skipped', async () => {
    const run = await ring(bell()).fails(collect, new Error('503')).run();
    expect(run).toMatchObject({ status: 'failed', errors: ['collect: 503'] });
    expect(steps(run)).toEqual(['collect 1 retried', 'collect 2 retried', 'collect 3 failed', 'publish 1 skipped']);
  });

  it('that hangs is given up when its time is up', async () => {
    const run = await ring(bell()).hangs(collect, { times: 1 }).run();
    expect(run.steps[0]).toMatchObject({ status: 'retried', error: { message: 'the step did not finish in time', permanent: false } });
    expect(Number(run.steps[0]?.finishedAt) - Number(run.steps[0]?.startedAt)).toBe(minutes(10));
  });

  it('that takes longer than it may has failed as well', async () => {
    expect(steps(await ring(bell()).takes(collect, minutes(11)).run())).toEqual(['collect 1 retried', 'collect 2 retried', 'collect 3 failed', 'publish 1 skipped']);
  });

  it('can be made to answer something else; who needs what it left is skipped', async () => {
    const run = await ring(bell()).answers(collect, skip('nothing new')).run();
    expect(run.steps.map(({ reason }) => reason)).toEqual(['nothing new', 'needs the output of "collect", which was skipped']);
    expect(run.status).toBe('succeeded');
  });

  it('that hands on more than a ledger takes has failed, and says how large values are handed on', async () => {
    const large = step('large', { does: 'is large', run: async () => done({ output: { text: 'x'.repeat(70_000) } }) });
    expect((await ring(bell({ steps: [large] })).run()).errors).toEqual([expect.stringMatching(/^large: the output of step "large" is 70011 bytes; at most 65536 are handed on\. Keep the value with context\.keep/)]);
  });

  it('must be one of the pipeline', () => {
    expect(() => ring(bell({ steps: [collect] })).hangs(publish)).toThrow('there is no step "publish" in this pipeline; there is collect');
  });

  it('that never ends is told, not waited for', async () => {
    const forever = step('forever', { does: 'waits', run: async ({ now }) => snooze(new Date(now.getTime() + hours(1)), 'not yet') });
    await expect(ring(bell({ steps: [forever] })).run()).rejects.toThrow(`${id(1)} of "bell" is still running at`);
  });
});

describe('runs that overlap', () => {
  const long = (overlap: PipelineOptions<unknown>['overlap']): Promise<Story> =>
    ring(bell({ trigger: every(hours(1)), ...(overlap && { overlap }) })).takes(collect, minutes(9)).takes(publish, minutes(8)).between('2026-01-01T00:00', '2026-01-01T03:00');
  const slow = step('slow', { does: 'takes long', timeout: hours(5), run: async () => done() });
  const slowly = (overlap: NonNullable<PipelineOptions<unknown>['overlap']>): Promise<Story> => ring(bell({ trigger: every(hours(1)), overlap, steps: [slow] })).takes(slow, minutes(90)).between('2026-01-01T00:00', '2026-01-01T04:30');

  it('are as the policy says', async () => {
    expect((await long(undefined)).ends).toEqual({ succeeded: 2 });
    expect((await slowly({ kind: 'skip' })).runs.map(({ status, reason }) => `${status}: ${reason}`)).toEqual(['succeeded: due', `skipped: skipped: run ${id(1)} is running`, 'succeeded: due', `skipped: skipped: run ${id(3)} is running`]);
    const queued = await slowly(queueOne);
    expect(queued.runs.map(({ startedAt }) => startedAt?.toISOString().slice(11, 16))).toEqual(['01:00', '02:30', '04:00', '05:30']);
    // Time goes on while the last one is followed to its end, so that it is replaced as well.
    expect((await slowly(replaceRunning)).runs.map(({ status, reason }) => `${status}: ${reason}`)).toEqual([2, 3, 4, 5].map((later) => `cancelled: replaced by run ${id(later)}`));
    expect((await slowly(allowOverlap)).runs.map(({ finishedAt }) => finishedAt?.toISOString().slice(11, 16))).toEqual(['02:30', '03:30', '04:30', '05:30']);
  });
});

describe('a downtime', () => {
  const weekend = (options: Partial<PipelineOptions<unknown>>): Promise<Story> => ring(bell(options)).down('2026-01-10T00:00', '2026-01-13T12:00', NEW_YORK).between('2026-01-09', '2026-01-15', NEW_YORK);

  it('makes misfires, and the policy decides about them', async () => {
    const { occurrences, runs } = await weekend({});
    expect(occurrences.map(({ outcome, scheduledFor }) => `${scheduledFor.toISOString().slice(8, 10)} ${outcome}`)).toEqual(['09 ran', '10 coalesced', '11 coalesced', '12 coalesced', '13 ran', '14 ran']);
    expect(runs[1]).toMatchObject({ reason: 'due 34200 s ago', requestedAt: new Date('2026-01-13T17:00:00Z') });
    expect((await weekend({ misfire: fireAll(10), overlap: allowOverlap })).runs).toHaveLength(6);
    expect((await weekend({ misfire: skipBeyond(hours(1)) })).occurrences.filter(({ outcome }) => outcome === 'expired')).toHaveLength(4);
    expect((await weekend({ deadline: days(2) })).occurrences.filter(({ outcome }) => outcome === 'expired')).toHaveLength(2);
  });

  it('takes the step that is being worked on with it; another worker does it over', async () => {
    const { runs } = await ring(bell()).takes(collect, minutes(5)).down('2026-01-10T02:32', '2026-01-10T02:40', NEW_YORK).at('2026-01-10T02:30', NEW_YORK);
    expect(steps(runs[0])).toEqual(['collect 1 lost', 'collect 2 done', 'publish 1 done']);
    expect(runs[0]?.outputs['collect']).toMatchObject({ attempt: 2 });
    expect(localTime(runs[0]?.finishedAt as Date, NEW_YORK)).toBe('2026-01-10T02:45');
  });

  it('can not be in the past, nor end before it begins', async () => {
    const one = ring(bell());
    await one.at('2026-01-10T02:30', NEW_YORK);
    expect(() => one.down('2026-01-09', '2026-01-11')).toThrow('it is 2026-01-10T07:31:00.000Z here: a downtime from 2026-01-09T00:00:00.000Z on would change what happened');
    expect(() => one.down('2026-01-12', '2026-01-11')).toThrow('a downtime must end after it began');
  });
});

describe('what rings by other means', () => {
  it('a threshold counts what its services tell, and waits longer after each failure', async () => {
    const house = { pending: 0 };
    const { step: work, pipeline: of } = withServices<typeof house>();
    const clear = work('clear', { does: 'clears', run: async ({ services }) => ((services.pending = 0), done()) });
    const trigger = threshold({ count: { name: 'pending', read: async (services: typeof house) => (services.pending += 1) }, atLeast: 10, orEvery: days(1), poll: minutes(1) });
    const one = ring(of('queue', { does: 'clears', trigger, steps: [clear] }), { services: house });
    const { runs } = await one.between('2026-01-01T00:00', '2026-01-01T00:30');
    expect(runs.map(({ reason, requestedAt }) => `${requestedAt.toISOString().slice(14, 16)} ${reason}`)).toEqual(['10 10 pending (threshold 10)', '20 10 pending (threshold 10)']);
    one.fails(clear, new RangeError('no'));
    const failing = await one.between('2026-01-01T00:30', '2026-01-01T01:30');
    expect(failing.ends).toEqual({ failed: failing.runs.length });
    const gaps = failing.runs.slice(1).map((run, index) => Number(run.requestedAt) - Number(failing.runs[index]?.requestedAt));
    expect(gaps.every((gap, index) => index === 0 || gap >= (gaps[index - 1] ?? 0))).toBe(true);
  });

  it('a sensor is asked until it is ready, or until the deadline fails the run with what is missing', async () => {
    const sensor = { name: 'files', ready: async (readyAt: { hour: number; now: () => Date }) => (readyAt.now().getUTCHours() >= readyAt.hour ? ({ ready: true } as const) : { ready: false as const, waitingFor: ['prices.csv'] }) };
    const trigger = whenReady({ sensor, from: dailyAt('06:00'), deadline: hours(3), poll: minutes(10) });
    const story = async (hour: number): Promise<Story> => {
      const one: ReturnType<typeof ring> = ring(pipeline('prices', { does: 'reads', trigger, steps: [step('read', { does: 'reads', run: async () => done() })] }), { services: { hour, now: () => one.now } });
      return one.between('2026-01-01', '2026-01-02');
    };
    expect(times(await story(7))).toEqual(['2026-01-01T07:00']);
    expect((await story(12)).runs).toMatchObject([{ status: 'failed', errors: ['still waiting for prices.csv'], requestedAt: new Date('2026-01-01T09:00:00Z') }]);
  });

  it('a pipeline that follows another rings when that one ended as wanted', async () => {
    const trigger = after('import', { when: { imported: { atLeast: 1 } } });
    const one = ring(bell({ trigger }));
    expect((await one.ended('import', { counts: { imported: 3 } })).ends).toEqual({ succeeded: 1 });
    expect((await one.ended('import')).occurrences[0]?.reason).toContain('with 0 imported, less than 1');
    expect((await one.ended('another')).runs).toEqual([]);
  });

  it('each scope has a schedule and runs of its own', async () => {
    const { runs } = await ring(bell({ trigger: every(hours(1)) }), { scopes: ['north', 'south'] }).takes(collect, minutes(9)).between('2026-01-01T00:00', '2026-01-01T01:30');
    expect(runs.map(({ scope, status }) => `${scope} ${status}`)).toEqual(['north succeeded', 'south succeeded']);
  });
});

describe('without a database', () => {
  it('a write that wants one says how to give it one, and is not taken for a failure of the step', async () => {
    const writes = step('writes', { does: 'writes', run: async () => done({ write: async (transaction) => void (transaction as unknown as { query(): void }).query() }) });
    await expect(ring(bell({ steps: [writes] })).run()).rejects.toThrow('"query" of a transaction was asked for, and this bell rings without a database: give it one with ring(pipeline, { tables:');
  });

  it('a write that needs none is called once, after the work', async () => {
    const order: string[] = [];
    const writes = step('writes', { does: 'writes', run: async () => (order.push('work'), done({ write: async () => void order.push('write') })) });
    await ring(bell({ steps: [writes] })).takes(writes, seconds(3)).run();
    expect(order).toEqual(['work', 'write']);
    const broken = step('writes', { does: 'writes', retry: { maxAttempts: 1 }, run: async () => done({ write: async () => Promise.reject(new Error('disk full')) }) });
    expect(await ring(bell({ steps: [broken] })).run()).toMatchObject({ status: 'failed', errors: ['writes: disk full'] });
  });
});

describe('a bell whose steps have items', () => {
  it('tries each as its policy says, passes its waits on the virtual clock, and hands large values on', async () => {
    const { step: stepOf, forEach } = withServices<unknown>();
    const each = forEach('each', {
      does: 'does each',
      items: () => ['a', 'b', 'c', 'a'],
      key: (item) => item,
      retry: { maxAttempts: 3, baseMs: 60_000, capMs: 3_600_000, jitter: 0 },
      run: async (item, { attempt }) => {
        if (item === 'b' && attempt < 3) throw new Error('busy');
        return item === 'c' ? skip('not ours') : done({ counts: { words: 1 }, output: { item, attempt } });
      },
      then: async ({ outputs }, { keep }) => {
        const all: string[] = [];
        for await (const { key, output } of outputs()) all.push(`${key} ${String(output['attempt'])}`);
        return done({ output: { all: await keep('all', all) } });
      },
    });
    const use = stepOf('use', { does: 'uses', needs: { each }, run: async ({ inputs, read }) => done({ output: { all: await read(inputs.each.all) } }) });
    const { runs } = await ring(bell({ steps: [each, use] })).at('2026-01-10T02:30', NEW_YORK);
    expect(runs[0]).toMatchObject({ status: 'succeeded', counts: { itemsDone: 2, itemsFailed: 0, itemsSkipped: 1, itemsRepeated: 1, words: 2 }, outputs: { use: { all: ['a 1', 'b 3'] } } });
    expect(steps(runs[0])).toEqual(['each 1 snoozed', 'each 2 snoozed', 'each 3 done', 'use 1 done']);
  });
});
