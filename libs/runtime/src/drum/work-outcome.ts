/** An outcome as another program words it, as the engine's own. Pure. */
import { PermanentError } from '@carillon/engine';
import type { JsonObject, RecordedError, StepOutcome } from '@carillon/engine';
import type { WorkSettle } from '@carillon/shared';

export class BadOutcome extends PermanentError {
  override readonly name = 'BadOutcome';
}

/** @throws BadOutcome that names the field */
export function outcomeOf(words: WorkSettle): StepOutcome {
  const { outcome, counts = {}, errors = [], output, afterSeconds, until } = words;
  switch (outcome) {
    case 'done':
      return { kind: 'done', counts: numbers(counts), errors, ...(output !== undefined && { output: output as JsonObject }) };
    case 'retry':
      if (afterSeconds === undefined) throw new BadOutcome('outcome "retry" needs "afterSeconds": how long to wait, such as 60');
      return { kind: 'retry', afterMs: afterSeconds * 1_000, reason: reasonOf(words) };
    case 'snooze':
      if (until === undefined || Number.isNaN(Date.parse(until))) throw new BadOutcome('outcome "snooze" needs "until": when to come back, such as "2026-03-08T02:30:00Z"');
      return { kind: 'snooze', until: new Date(until), reason: reasonOf(words) };
    case 'skip':
    case 'cancelled':
      return { kind: outcome, reason: reasonOf(words) };
    case 'fail':
      return { kind: 'fail', error: errorOf(words.error) };
  }
}

function reasonOf({ outcome, reason }: WorkSettle): string {
  if (reason === undefined || reason === '') throw new BadOutcome(`outcome "${outcome}" needs "reason": why, in words`);
  return reason;
}

function numbers(counts: Record<string, unknown>): Record<string, number> {
  for (const [name, count] of Object.entries(counts)) if (typeof count !== 'number' || !Number.isFinite(count)) throw new BadOutcome(`counts.${name} is ${JSON.stringify(count)}: counts are numbers`);
  return counts as Record<string, number>;
}

function errorOf(error: WorkSettle['error']): RecordedError {
  const { name = 'Error', message, permanent = false } = error ?? {};
  if (typeof message !== 'string' || typeof name !== 'string' || typeof permanent !== 'boolean') throw new BadOutcome('outcome "fail" needs "error": {"message": text, "name": text, "permanent": true or false}; name and permanent may be left out');
  return { name: name.slice(0, 200), message: message.slice(0, 2_000), permanent };
}
