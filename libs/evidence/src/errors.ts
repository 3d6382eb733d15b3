/** Everything this library refuses, by name, so that a caller can tell a bad payload from a bug of its own. */

/** The common parent: `instanceof EvidenceError` means "the input can not become evidence". */
export class EvidenceError extends Error {
  override readonly name: string = 'EvidenceError';
}

/** A value that has no canonical JSON text, or one that other languages would read differently. `path` is a JSON path such as `$.votes[2].share`. */
export class NotCanonicalError extends EvidenceError {
  override readonly name = 'NotCanonicalError';

  constructor(
    readonly path: string,
    problem: string,
    remedy: string,
  ) {
    super(`${path}: ${problem}; ${remedy}`);
  }
}

/** An entry's own field is not in the one form that is hashed. */
export class MalformedEntryError extends EvidenceError {
  override readonly name = 'MalformedEntryError';

  constructor(
    readonly field: string,
    value: unknown,
    remedy: string,
  ) {
    super(`${field} is ${JSON.stringify(value) ?? String(value)}; ${remedy}`);
  }
}

/** A salt that is not 32 bytes in hexadecimal. The value is left out of the message: it is a secret. */
export class MalformedSaltError extends EvidenceError {
  override readonly name = 'MalformedSaltError';

  constructor(length: number) {
    super(`a salt is 64 lowercase hexadecimal digits, got ${length} characters that are not; take one from newSalt()`);
  }
}

/** A proof was asked for a leaf that the tree does not have. */
export class LeafOutOfRangeError extends EvidenceError {
  override readonly name = 'LeafOutOfRangeError';

  constructor(index: number, leaves: number) {
    super(`leaf ${index} does not exist: this tree has ${leaves} leaves, counted from 0`);
  }
}
