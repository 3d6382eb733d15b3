/** Every way in which a rehearsal can not go on, by name. */

/** A step's write, a counter, a condition or a sensor wants rows, and the bell was rung without a database. */
export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';
}

/** A time that can not be read, lies before the bell's first instant, or comes too late to change anything. */
export class WrongTime extends RangeError {
  override readonly name = 'WrongTime';
}

/** A step that is not in the pipeline. */
export class UnknownStep extends Error {
  override readonly name = 'UnknownStep';
}

/** A run that goes on and on: it snoozes or waits without end. */
export class NeverEnds extends Error {
  override readonly name = 'NeverEnds';
}
