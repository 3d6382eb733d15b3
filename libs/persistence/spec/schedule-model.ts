/**
 * What schedules owe, said once more and as simply as possible: lists of instants and a few rules, without rows, cursors, batches or croner. The ledger is
 * held against it, so nothing here may be taken from the code that it judges.
 */
export type ModelTrigger = { kind: 'every'; minutes: number } | { kind: 'cron'; minutes: number };
export type ModelMisfire = { kind: 'latest' } | { kind: 'earliest' } | { kind: 'all'; max: number } | { kind: 'skip'; graceMinutes: number };
export type ModelOverlap = 'allow' | 'skip' | 'queueOne';
export type ModelOutcome = 'ran' | 'coalesced' | 'skipped' | 'expired' | 'paused';

export interface ModelDefinition {
  trigger: ModelTrigger;
  misfire: ModelMisfire;
  deadlineMinutes: number | null;
}

export interface ModelSchedule extends ModelDefinition {
  overlap: ModelOverlap;
  /** Minutes since the start; halves, because the clock of the model stands at half minutes. */
  anchor: number;
  /** Everything up to and with this minute is decided. */
  through: number;
  paused: boolean;
  deleted: boolean;
  /** By minute. */
  outcomes: Map<number, ModelOutcome>;
  /** Runs at work and in line. */
  running: number;
  queued: number;
  /** Runs that were made, skipped ones with them. */
  runs: number;
}

export class ScheduleModel {
  readonly schedules: ModelSchedule[] = [];

  constructor(public now: number) {}

  living(index: number): ModelSchedule | undefined {
    const living = this.schedules.filter((one) => !one.deleted);
    return living[index % Math.max(1, living.length)];
  }

  create(definition: ModelDefinition & { overlap: ModelOverlap }): void {
    this.schedules.push({ ...definition, anchor: this.now, through: justBefore(this.now), paused: false, deleted: false, outcomes: new Map(), running: 0, queued: 0, runs: 0 });
  }

  /** Everything that is due rings, but for these: somebody holds their rows. */
  ring(held: readonly ModelSchedule[] = []): void {
    for (const one of this.schedules) if (!one.deleted && !one.paused && !held.includes(one)) this.ringOne(one);
  }

  edit(one: ModelSchedule, to: ModelDefinition): void {
    this.settle(one);
    Object.assign(one, to, { anchor: this.now, through: justBefore(this.now) });
  }

  pause(one: ModelSchedule): void {
    if (one.paused) return;
    this.ringOne(one);
    one.paused = true;
  }

  resume(one: ModelSchedule, from: 'now' | 'misfire'): void {
    if (one.paused && from === 'now') {
      this.recordPaused(one);
      one.through = this.now;
    }
    one.paused = false;
  }

  delete(one: ModelSchedule): void {
    this.settleAs(one, one.paused ? 'paused' : 'expired');
    one.deleted = true;
  }

  runNow(one: ModelSchedule): void {
    this.makeRun(one, one.overlap);
  }

  backfill(one: ModelSchedule, from: number, to: number): void {
    for (const at of instantsOf(one, justBefore(from), Math.min(to, one.through))) {
      if (one.outcomes.get(at) === 'ran') continue;
      this.makeRun(one, one.overlap === 'allow' ? 'allow' : 'queueAll');
      one.outcomes.set(at, 'ran');
    }
  }

  /** Whatever is at work or in line is over. */
  finish(one: ModelSchedule): void {
    one.running = one.queued = 0;
  }

  private settle(one: ModelSchedule): void {
    if (one.paused) this.recordPaused(one);
    else this.ringOne(one);
  }

  private recordPaused(one: ModelSchedule): void {
    this.settleAs(one, 'paused');
  }

  private settleAs(one: ModelSchedule, outcome: ModelOutcome): void {
    for (const at of instantsOf(one, one.through, this.now)) if (!one.outcomes.has(at)) one.outcomes.set(at, outcome);
  }

  private ringOne(one: ModelSchedule): void {
    const owed = instantsOf(one, one.through, this.now);
    const inTime = owed.filter((at) => one.deadlineMinutes === null || this.now - at <= one.deadlineMinutes);
    const firing = new Set(this.fired(one.misfire, inTime));
    for (const at of owed) {
      if (one.outcomes.has(at)) continue;
      if (firing.has(at)) one.outcomes.set(at, this.makeRun(one, one.overlap) ? 'ran' : 'skipped');
      else one.outcomes.set(at, inTime.includes(at) && one.misfire.kind !== 'skip' ? 'coalesced' : 'expired');
    }
    one.through = owed.at(-1) ?? one.through;
  }

  private fired(misfire: ModelMisfire, owed: readonly number[]): readonly number[] {
    if (misfire.kind === 'skip') return owed.filter((at) => this.now - at <= misfire.graceMinutes);
    if (misfire.kind === 'earliest') return owed.slice(0, 1);
    return owed.slice(-(misfire.kind === 'all' ? misfire.max : 1));
  }

  /** False when it is skipped because of the runs before it. */
  private makeRun(one: ModelSchedule, overlap: ModelOverlap | 'queueAll'): boolean {
    one.runs += 1;
    const room = overlap === 'allow' ? Infinity : overlap === 'queueAll' ? Infinity : overlap === 'queueOne' ? 1 : 0;
    if (overlap === 'allow' || one.running + one.queued === 0) one.running += 1;
    else if (one.queued < room) one.queued += 1;
    else return false;
    return true;
  }
}

/** Minutes of `(after, until]` at which a trigger is due. */
export function instantsOf({ trigger, anchor }: Pick<ModelSchedule, 'trigger' | 'anchor'>, after: number, until: number): number[] {
  // The counting of an interval begins with the schedule; what a clock shows is as old as time.
  const first = trigger.kind === 'every' ? anchor + trigger.minutes : Math.floor(after / trigger.minutes) * trigger.minutes;
  const found: number[] = [];
  for (let at = first; at <= until; at += trigger.minutes) if (at > after) found.push(at);
  return found;
}

/** A millisecond, as the ledger counts. */
export const justBefore = (minute: number): number => minute - 1 / 60_000;
