/** Every failure of this pipeline that has a name. None of them repeats what a person noted: errors end up in logs. */

/** What was asked for is not there, or is another person's: who asks can not tell the two apart. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** A field that can not be taken as it is. `field` is the name that the sender knows it by. */
export class InvalidField extends Error {
  override readonly name = 'InvalidField';
  constructor(
    readonly field: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${field} ${problem}`, options);
  }
}

/** It can not be done as things stand. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

/** A path that leads out of the media root. */
export class OutsideMediaRoot extends Error {
  override readonly name = 'OutsideMediaRoot';
}
