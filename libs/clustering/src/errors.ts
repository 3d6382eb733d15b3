/** Every way in which the arithmetic refuses its input or a worker is lost, by name. */

/** What all failures of this library have in common. */
export class ClusteringError extends Error {
  override readonly name: string = 'ClusteringError';
}

/** The points are not a matrix of finite numbers. The message says which row and column; the classes below say what is wrong. */
export class InvalidPointsError extends ClusteringError {
  override readonly name: string = 'InvalidPointsError';
}

/** A coordinate is NaN or infinite. */
export class NotFiniteError extends InvalidPointsError {
  override readonly name = 'NotFiniteError';
}

/** Rows of different lengths, or more or fewer numbers than count and dimensions say. */
export class DifferentLengthsError extends InvalidPointsError {
  override readonly name = 'DifferentLengthsError';
}

/** There are not as many points as the question needs. */
export class TooFewPointsError extends InvalidPointsError {
  override readonly name = 'TooFewPointsError';
}

/** Two labellings that do not label the same points. */
export class InvalidLabelsError extends ClusteringError {
  override readonly name = 'InvalidLabelsError';
}

/** An option is unknown or outside its range. The message says what it may be. */
export class InvalidOptionError extends ClusteringError {
  override readonly name = 'InvalidOptionError';
}

/** The worker thread ended without an answer: out of memory, not built, or a defect of ours. */
export class ClusteringWorkerError extends ClusteringError {
  override readonly name = 'ClusteringWorkerError';
}

/** What crosses the thread boundary; structured clone would keep the message and lose the class. */
export interface PortableError {
  name: string;
  message: string;
  stack?: string;
}

/** For the sending side. */
export function packError(thrown: unknown): PortableError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  return { name: thrown.name, message: thrown.message, ...(thrown.stack === undefined ? {} : { stack: thrown.stack }) };
}

/** For the receiving side: an instance of the class that was thrown; anything that is not ours arrives as the cause of a `ClusteringWorkerError`. */
export function unpackError(packed: PortableError): ClusteringError {
  const Known = [InvalidPointsError, NotFiniteError, DifferentLengthsError, TooFewPointsError, InvalidOptionError].find((candidate) => candidate.name === packed.name);
  if (Known) return new Known(packed.message);
  const cause = new Error(packed.message);
  cause.name = packed.name;
  if (packed.stack !== undefined) cause.stack = packed.stack;
  return new ClusteringWorkerError(`The clustering worker failed with ${packed.name}: ${packed.message}`, { cause });
}
