/** Who owns which steps: the messages that a service consumes, how it claims, and whether every step has somebody. */
import type { PipelineLimits, StepRate } from '@carillon/engine';
import type { HostedPipeline } from '@carillon/persistence';
import { StepDue, subjectOf } from '@carillon/shared';

/** For JetStreamStrategy's option `subjects`. */
export function stepSubjects(service: string, pipelines: readonly HostedPipeline[]): Record<string, string[]> {
  const owned = pipelines.flatMap(({ pipeline }) => pipeline.steps.filter((step) => step.plan.owner === service).map((step) => subjectOf(StepDue, pipeline.name, step.plan.name)));
  return { [StepDue.subject]: owned };
}

export interface OwnedSteps {
  /** Every step, as `pipeline.step`. */
  all: ReadonlySet<string>;
  /** Those of pipelines without any limit; they are claimed together. */
  plain: { pipelines: string[]; steps: string[] };
  /** Pipelines that have a limit or a step with a rate, by name. */
  limited: ReadonlyMap<string, { limits: PipelineLimits; steps: { name: string; rate?: StepRate }[] }>;
}

/** @param allLimited the service itself has a limit over all its processes */
export function ownedSteps(hosted: readonly HostedPipeline[], owner: string, allLimited: boolean): OwnedSteps {
  const own = hosted
    .map(({ pipeline }) => ({ name: pipeline.name, limits: pipeline.limits, steps: pipeline.steps.filter((step) => step.plan.owner === owner).map(({ plan: { name, rate } }) => ({ name, ...(rate && { rate }) })) }))
    .filter(({ steps }) => steps.length > 0);
  const limited = own.filter(({ limits, steps }) => allLimited || Object.keys(limits).length > 0 || steps.some((step) => 'rate' in step));
  const plain = own.filter((one) => !limited.includes(one));
  const named = ({ name, steps }: (typeof own)[number]): string[] => steps.map((step) => `${name}.${step.name}`);
  return {
    all: new Set(own.flatMap(named)),
    plain: { pipelines: plain.map(({ name }) => name), steps: plain.flatMap(named) },
    limited: new Map(limited.map(({ name, limits, steps }) => [name, { limits, steps }])),
  };
}

export class UnknownOwner extends Error {
  override readonly name = 'UnknownOwner';
}

/**
 * A step that nobody works on would wait for ever, and one that two programs take for theirs would surprise both.
 * @param services those of ours that work on steps
 * @throws UnknownOwner
 */
export function assertOwners(services: readonly string[], pipelines: readonly HostedPipeline[]): void {
  for (const { pipeline } of pipelines) {
    for (const { name, plan } of pipeline.steps) {
      const ours = services.includes(plan.owner);
      const step = `step "${name}" of "${pipeline.name}"`;
      if (!ours && plan.external !== true) throw new UnknownOwner(`${step} is owned by "${plan.owner}", which is none of ${services.join(', ')}: write one of them, or externalStep if it is a program of its own`);
      if (ours && plan.external === true) throw new UnknownOwner(`${step} is an external step of "${plan.owner}", which is a service of ours: give the program a name of its own, or write step`);
    }
  }
}
