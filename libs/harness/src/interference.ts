/** What an author does to steps on purpose: they fail, hang, take long, or do something else. Anything without a number of times goes on until it is undone. */
import type { Milliseconds, Output, Step, StepOutcome } from '@carillon/engine';
import { UnknownStep } from './errors.js';

/** A step of any services. */
export type AnyStep = Step<never, Output>;

export type Trouble = { kind: 'fails'; error: unknown } | { kind: 'hangs' } | { kind: 'answers'; outcome: StepOutcome };

export class Interference {
  readonly #troubles = new Map<string, (Trouble & { times: number })[]>();
  readonly #durations = new Map<string, Milliseconds>();

  constructor(private readonly steps: readonly AnyStep[]) {}

  trouble(step: AnyStep, trouble: Trouble, times: number): void {
    if (!(times >= 1)) throw new RangeError(`times ${times} must be 1 or more`);
    const name = this.#known(step);
    this.#troubles.set(name, [...(this.#troubles.get(name) ?? []), { ...trouble, times }]);
  }

  takes(step: AnyStep, duration: Milliseconds): void {
    if (!(duration >= 0 && Number.isFinite(duration))) throw new RangeError(`step "${step.name}" can not take ${duration} ms`);
    this.#durations.set(this.#known(step), duration);
  }

  /** What happens to the next attempt of this step; asking uses it up. */
  next(step: string): { duration: Milliseconds; trouble: Trouble | undefined } {
    const queue = this.#troubles.get(step) ?? [];
    const [trouble] = queue;
    if (trouble && (trouble.times -= 1) === 0) queue.shift();
    return { duration: this.#durations.get(step) ?? 0, trouble };
  }

  #known({ name }: AnyStep): string {
    if (!this.steps.some((one) => one.name === name)) throw new UnknownStep(`there is no step "${name}" in this pipeline; there is ${this.steps.map((one) => one.name).join(', ')}`);
    return name;
  }
}
