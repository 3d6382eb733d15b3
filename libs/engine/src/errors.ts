/** Every way in which the engine refuses or a step fails, by name. */

/** Trying again can help: a time-out, a busy server, a dropped connection. The default for errors that nobody classified. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
}

/** Trying again can not help: bad input, a missing right, a rule that forbids it. Never retried. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** A pipeline, trigger or policy was written in a way that can not run. Thrown when it is defined, before anything starts. */
export class DefinitionError extends PermanentError {
  override readonly name = 'DefinitionError';
}

/** What of an error is kept in the ledger. */
export interface RecordedError {
  name: string;
  message: string;
  permanent: boolean;
}

/** Turns anything thrown into what the ledger keeps; stack traces stay in the logs. */
export function recordError(thrown: unknown): RecordedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { name: error.name, message: withCauses(error).slice(0, 2_000), permanent: error instanceof PermanentError };
}

function withCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${withCauses(error.cause)}` : error.message;
}
