/** The columns of the light statements that settle. What many attempts have in common (the step, its place, what follows) is told once, and each row names it by number. */
import type { StepPlan } from '@carillon/engine';
import { RunFinished, subjectOf } from '@carillon/shared';
import { floats, integers, jsons, plain, texts } from './array-literals.js';
import { contentOf, deadlineMsOf, pastWith } from './moves.js';
import type { Move } from './moves.js';
import { sumOf } from './past.js';
import { storableJson } from './storable.js';

/** An attempt that the same worker follows by the run's next step at once. */
type HandedOn = Move & { next: { kind: 'step' }; follow: object };
/** An attempt that ends its run. */
type Ending = Move & { next: { kind: 'finish' } };

/** Whether there is nothing else to say: no step is passed by, and nobody asked the run to stop. */
export const isHandedOn = (move: Move): move is HandedOn => move.next.kind === 'step' && move.follow !== undefined && isPlain(move);
export const isEnding = (move: Move): move is Ending => move.next.kind === 'finish' && isPlain(move);

const isPlain = ({ next, knowsCancel }: Move): boolean => !knowsCancel && next.kind !== 'again' && next.skipped.length === 0;

/** The values of HAND_ON. */
export function handOnColumns(moves: readonly HandedOn[]): unknown[] {
  const kinds = kindsOf(moves, ({ next }) => next.next);
  const follows = kinds.firsts.map(({ follow }) => follow);
  return [
    ...commonColumns(moves, kinds),
    plain(moves.map(({ follow }) => follow.id)),
    ...[texts(follows.map(({ name }) => name)), integers(follows.map(({ position }) => position)), floats(follows.map(({ plan }) => deadlineMsOf(plan)))],
  ];
}

/** The values of END_RUNS. @param factsId id of the promised facts */
export function endRunsColumns(moves: readonly Ending[], factsId: string): unknown[] {
  const kinds = kindsOf(moves, ({ next }) => next.status);
  return [
    ...commonColumns(moves, kinds),
    texts(moves.map(({ claim }) => claim.run.scope)),
    texts(kinds.firsts.map(({ claim }) => claim.run.pipeline)),
    texts(kinds.firsts.map(({ next }) => next.status)),
    texts(kinds.firsts.map(({ claim }) => subjectOf(RunFinished, claim.run.pipeline))),
    jsons(moves.map(sumsOf)),
    factsId,
  ];
}

interface Kinds<One> {
  /** Of each move, counted from 1 as Postgres does. */
  numbers: number[];
  /** The first move of each. */
  firsts: One[];
}

/** A batch knows few steps, so looking through them is cheaper than a key made of names. */
function kindsOf<One extends Move>(moves: readonly One[], follows: (move: One) => StepPlan | string): Kinds<One> {
  const firsts: One[] = [];
  const numbers = moves.map((move) => {
    const { claim, ended } = move;
    const known = firsts.findIndex((one) => one.claim.plan === claim.plan && one.claim.run.pipeline === claim.run.pipeline && one.claim.position === claim.position
      && one.claim.attempt === claim.attempt && one.ended.status === ended.status && follows(one) === follows(move));
    return known < 0 ? firsts.push(move) : known + 1;
  });
  return { numbers, firsts };
}

function commonColumns(moves: readonly Move[], { numbers, firsts }: Kinds<Move>): unknown[] {
  return [
    plain(moves.map(({ claim }) => claim.run.id)),
    plain(moves.map(({ claim }) => claim.id)),
    plain(moves.map(({ claim }) => claim.fence)),
    integers(numbers),
    // The same time unless the attempt waited for its worker.
    plain(moves.map(({ claim }) => (claim.dueAt === claim.claimedAt ? null : claim.dueAt.toISOString()))),
    plain(moves.map(({ claim }) => claim.claimedAt.toISOString())),
    jsons(moves.map((move) => jsonUnlessEmpty(contentOf(move)))),
    texts(firsts.map(({ claim }) => claim.name)),
    integers(firsts.map(({ claim }) => claim.position)),
    integers(firsts.map(({ claim }) => claim.attempt)),
    texts(firsts.map(({ ended }) => ended.status)),
    texts(firsts.map(({ claim }) => claim.plan.owner)),
    firsts[0]?.claim.worker ?? null,
  ];
}

function sumsOf({ claim, next, ended }: Move): string | null {
  const { counts, errors } = sumOf(pastWith(claim, next, ended));
  return jsonUnlessEmpty({ ...(Object.keys(counts).length > 0 && { counts }), ...(errors.length > 0 && { errors }) });
}

const jsonUnlessEmpty = (value: object): string | null => (Object.keys(value).length === 0 ? null : storableJson(value));
