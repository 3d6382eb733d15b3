/** Everything that may happen to schedules, as commands that do the same to the model and to a real ledger, and compare after each. */
import { strict as assert } from 'node:assert';
import { allowOverlap, cron, every, fireAll, fireOnce, minutes, queueOne, skipBeyond, skipOverlap } from '@carillon/engine';
import type { MisfirePolicy, OverlapPolicy, Pipeline, Trigger } from '@carillon/engine';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { backfillSchedule, cancelRuns, createSchedule, deleteSchedule, editSchedule, inTransaction, pauseSchedule, resumeSchedule, ringTimes, runScheduleNow } from '../src/index.js';
import type { Hosted, Rung } from '../src/index.js';
import { bell, hosting } from './ledger.js';
import type { ScheduleModel } from './schedule-model.js';
import type { ModelDefinition, ModelMisfire, ModelOverlap, ModelSchedule, ModelTrigger } from './schedule-model.js';

/** What the commands are done to. */
export interface RealHouse {
  dataSource: DataSource;
  /** As many schedulers, each with connections of its own. */
  drums: readonly DataSource[];
  setClock(minute: number): Promise<void>;
  /** Until told otherwise, whoever rings dies where this says. */
  crashAt(where: 'occurrence' | 'schedule' | null): Promise<void>;
  /** Of every schedule that was made in this round, by name: outcomes by minute, and how many runs. */
  told(): Promise<ReadonlyMap<string, { outcomes: Record<string, string>; runs: number; doubled: number }>>;
}

type Command = fc.AsyncCommand<ScheduleModel, RealHouse>;

const chime: Pipeline<never> = bell('chime', { overlap: allowOverlap });
const hosted: Hosted = hosting(chime);
const nameOf = (model: ScheduleModel, one: ModelSchedule): string => `chime/${model.schedules.indexOf(one)}`;

/** A command that needs a schedule takes the n-th living one; without any it is left out. */
function command(words: string, n: number | undefined, does: (model: ScheduleModel, real: RealHouse, one: ModelSchedule) => Promise<void>): Command {
  return {
    check: (model) => n === undefined || model.living(n) !== undefined,
    run: async (model, real) => {
      await does(model, real, model.living(n ?? 0) as ModelSchedule);
      await compare(model, real);
    },
    toString: () => (n === undefined ? words : `${words} of the ${n}th`),
  };
}

async function compare(model: ScheduleModel, real: RealHouse): Promise<void> {
  const told = await real.told();
  const expected = model.schedules.map((one) => [nameOf(model, one), { outcomes: Object.fromEntries([...one.outcomes].sort(([a], [b]) => a - b)), runs: one.runs, doubled: 0 }]);
  const found = model.schedules.map((one) => [nameOf(model, one), told.get(nameOf(model, one)) ?? { outcomes: {}, runs: 0, doubled: 0 }]);
  assert.deepEqual(found, expected);
}

async function ring(drum: DataSource): Promise<void> {
  let rungs: Rung[];
  do {
    rungs = await ringTimes(drum, hosted);
    const broken = rungs.find((rung) => rung.error !== undefined);
    if (broken) throw broken.error;
  } while (rungs.length > 0);
}

const create = (definition: ModelDefinition, overlap: ModelOverlap): Command =>
  command(`create ${written(definition)}, overlap ${overlap}`, undefined, async (model, real) => {
    const name = `chime/${model.schedules.length}`;
    await createSchedule(real.dataSource, { ...chime, ...rowOf(definition), overlap: OVERLAPS[overlap], name, pipeline: 'chime', scope: name, params: {}, priority: 0 });
    model.create({ ...definition, overlap });
  });

const edit = (n: number, definition: ModelDefinition): Command =>
  command(`edit to ${written(definition)}`, n, async (model, real, one) => {
    await editSchedule(real.dataSource, hosted, nameOf(model, one), rowOf(definition));
    model.edit(one, definition);
  });

const pause = (n: number): Command =>
  command('pause', n, async (model, real, one) => {
    await pauseSchedule(real.dataSource, hosted, nameOf(model, one));
    model.pause(one);
  });

const resume = (n: number, from: 'now' | 'misfire'): Command =>
  command(`resume from ${from}`, n, async (model, real, one) => {
    await resumeSchedule(real.dataSource, hosted, nameOf(model, one), from);
    model.resume(one, from);
  });

const remove = (n: number): Command =>
  command('delete', n, async (model, real, one) => {
    await deleteSchedule(real.dataSource, hosted, nameOf(model, one));
    model.delete(one);
  });

const runNow = (n: number): Command =>
  command('run now', n, async (model, real, one) => {
    await runScheduleNow(real.dataSource, hosted, nameOf(model, one));
    model.runNow(one);
  });

const finish = (n: number): Command =>
  command('end the runs', n, async (model, real, one) => {
    await inTransaction(real.dataSource, (manager) => cancelRuns(manager, { pipeline: 'chime', scope: nameOf(model, one) }, 'over'));
    model.finish(one);
  });

const backfill = (n: number, back: number, long: number): Command =>
  command(`backfill ${long} minutes from ${back} minutes ago`, n, async (model, real, one) => {
    const [from, to] = [model.now - back, model.now - back + long];
    await backfillSchedule(real.dataSource, hosted, nameOf(model, one), { from: dateOf(from), to: dateOf(to), overlap: 'queue' });
    model.backfill(one, from, to);
  });

const passTime = (by: number): Command =>
  command(`${by} minutes pass`, undefined, async (model, real) => {
    model.now += by;
    await real.setClock(model.now);
  });

const ringBy = (drums: number): Command =>
  command(`ring by ${drums}`, undefined, async (model, real) => {
    await Promise.all(real.drums.slice(0, drums).map((drum) => ring(drum)));
    model.ring();
  });

/** Whoever rings dies in the middle of its transaction, together with those that ring beside it; nothing of it may be seen, and all of it is still owed. */
const crash = (drums: number, where: 'occurrence' | 'schedule'): Command =>
  command(`ring by ${drums} that die as they write to ${where}`, undefined, async (_model, real) => {
    await real.crashAt(where);
    await Promise.all(real.drums.slice(0, drums).map((drum) => ring(drum).catch(() => undefined)));
    await real.crashAt(null);
  });

/** A scheduler that hangs with a schedule in its hands keeps it from the others, and keeps nothing else. */
const hang = (n: number): Command =>
  command('ring while another hangs with a schedule in its hands', n, async (model, real, one) => {
    const hanging = (real.drums[0] as DataSource).createQueryRunner();
    await hanging.startTransaction();
    await hanging.query('SELECT FROM engine.schedule WHERE name = $1 FOR NO KEY UPDATE', [nameOf(model, one)]);
    await ring(real.drums[1] as DataSource);
    model.ring([one]);
    await hanging.rollbackTransaction();
    await hanging.release();
  });

const OVERLAPS: Record<ModelOverlap, OverlapPolicy> = { allow: allowOverlap, skip: skipOverlap, queueOne };

const START = Math.floor(Date.now() / 3_600_000) * 3_600_000;
/** The model counts minutes since a full hour, so that it needs no calendar. */
export const dateOf = (minute: number): Date => new Date(START + minute * 60_000);

function rowOf({ trigger, misfire, deadlineMinutes }: ModelDefinition): { trigger: Trigger; misfire: MisfirePolicy; deadlineMs: number | null } {
  return { trigger: triggerOf(trigger), misfire: misfireOf(misfire), deadlineMs: deadlineMinutes === null ? null : minutes(deadlineMinutes) };
}

const triggerOf = (one: ModelTrigger): Trigger => (one.kind === 'every' ? every(minutes(one.minutes)).trigger : cron(one.minutes === 60 ? '0 * * * *' : `*/${one.minutes} * * * *`).trigger);

function misfireOf(one: ModelMisfire): MisfirePolicy {
  if (one.kind === 'all') return fireAll(one.max);
  return one.kind === 'skip' ? skipBeyond(minutes(one.graceMinutes)) : fireOnce(one.kind);
}

function written({ trigger, misfire, deadlineMinutes }: ModelDefinition): string {
  const more = misfire.kind === 'all' ? ` ${misfire.max}` : misfire.kind === 'skip' ? ` beyond ${misfire.graceMinutes}` : '';
  return `${trigger.kind} ${trigger.minutes}, misfire ${misfire.kind}${more}${deadlineMinutes === null ? '' : `, deadline ${deadlineMinutes}`}`;
}

const which = fc.nat({ max: 7 });
const triggers: fc.Arbitrary<ModelTrigger> = fc.oneof(fc.record({ kind: fc.constant('every' as const), minutes: fc.constantFrom(1, 7, 45, 90) }), fc.record({ kind: fc.constant('cron' as const), minutes: fc.constantFrom(1, 10, 60) }));
const misfires: fc.Arbitrary<ModelMisfire> = fc.oneof(
  fc.constant({ kind: 'latest' as const }),
  fc.constant({ kind: 'earliest' as const }),
  fc.record({ kind: fc.constant('all' as const), max: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('skip' as const), graceMinutes: fc.constantFrom(0, 5, 30) }),
);
const definitions: fc.Arbitrary<ModelDefinition> = fc.record({ trigger: triggers, misfire: misfires, deadlineMinutes: fc.option(fc.constantFrom(1, 20), { nil: null, freq: 2 }) });
const drums = fc.integer({ min: 1, max: 3 });

/** Mostly time that passes and bells that ring: little happens between changes otherwise. A day at once is a backlog that does not fit one look. */
export const scheduleCommands = (maxCommands: number, replayPath?: string): fc.Arbitrary<Iterable<Command>> => {
  const some = fc.tuple(definitions, fc.constantFrom<ModelOverlap>('allow', 'skip', 'queueOne')).map(([definition, overlap]) => create(definition, overlap));
  const passing = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 100 }) }, { weight: 1, arbitrary: fc.constant(1_500) }).map(passTime);
  const ringing = drums.map(ringBy);
  return fc.commands(
    [
      some, passing, ringing, some, passing, ringing,
      fc.tuple(which, definitions).map(([n, definition]) => edit(n, definition)),
      which.map(pause),
      fc.tuple(which, fc.constantFrom<'now' | 'misfire'>('now', 'misfire')).map(([n, from]) => resume(n, from)),
      which.map(remove),
      which.map(runNow),
      which.map(finish),
      fc.tuple(which, fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 100 })).map(([n, back, long]) => backfill(n, back, long)),
      fc.tuple(drums, fc.constantFrom<'occurrence' | 'schedule'>('occurrence', 'schedule')).map(([count, where]) => crash(count, where)),
      which.map(hang),
    ],
    { maxCommands, size: 'max', ...(replayPath !== undefined && { replayPath }) },
  );
};
