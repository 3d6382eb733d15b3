/** Which step messages a service consumes: those of the steps it owns. */
import type { HostedPipeline } from '@carillon/persistence';
import { StepDue, subjectOf } from '@carillon/shared';

/** For JetStreamStrategy's option `subjects`. */
export function stepSubjects(service: string, pipelines: readonly HostedPipeline[]): Record<string, string[]> {
  const owned = pipelines.flatMap(({ pipeline }) => pipeline.steps.filter((step) => step.plan.owner === service).map((step) => subjectOf(StepDue, pipeline.name, step.plan.name)));
  return { [StepDue.subject]: owned };
}
