/**
 * Where the hint about a due step goes: into the work queue of the service that owns it, or, for a program that claims by the step protocol, to whoever of its
 * workers listens. Nobody reads a queue for those, and it would fill.
 */
import type { StepPlan } from '@carillon/engine';
import { StepDue, subjectOf, WorkDue } from '@carillon/shared';

export const nudgeSubject = (pipeline: string, plan: StepPlan): string => (plan.external === true ? subjectOf(WorkDue, plan.owner) : subjectOf(StepDue, pipeline, plan.name));

/** The same in SQL, of a row of active runs by that name. Names are checked when a pipeline is defined. */
export const NUDGE_SUBJECT = (row: string): string =>
  `CASE WHEN (SELECT p.steps -> ${row}.position ->> 'external' FROM engine.plan p WHERE p.id = ${row}.plan_id) = 'true' THEN 'work.' || ${row}.owner || '.due' ELSE 'step.' || ${row}.pipeline || '.' || ${row}.step END`;
