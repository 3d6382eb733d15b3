/** Every failure of this pipeline that has a name. None of them repeats a submission's text: errors end up in logs. */

/** The configuration of deliberation contradicts itself. */
export class InvalidDeliberationSettings extends Error {
  override readonly name = 'InvalidDeliberationSettings';
}

/** A submission that can not be taken as it is. `field` is the name that the sender knows it by. */
export class InvalidSubmission extends Error {
  override readonly name = 'InvalidSubmission';

  constructor(
    readonly field: string,
    problem: string,
  ) {
    super(`${field} ${problem}`);
  }
}

/** Evidence of a kind that nobody knows how to read. */
export class UnknownEvidenceEvent extends Error {
  override readonly name = 'UnknownEvidenceEvent';
}

/** A key that may not import tried to. */
export class ImportNotAllowed extends Error {
  override readonly name = 'ImportNotAllowed';
}

/** A witness did not take a daily root, or holds another one. What it answered beyond its status is not repeated. */
export class WitnessRefused extends Error {
  override readonly name = 'WitnessRefused';

  constructor(witness: string, problem: string) {
    super(`${witness}: ${problem}`);
  }
}

/** Nothing is known under this id. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}
