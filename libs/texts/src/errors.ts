/** Every way in which a text can not be made. All of them are final: the same notice would fail again. */

/** No catalogue knows this message type. */
export class UnknownMessageType extends Error {
  override readonly name = 'UnknownMessageType';
  constructor(messageType: string, known: readonly string[]) {
    super(`there is no text for the message type "${messageType}"; there is ${[...known].sort().join(', ')}`);
  }
}

/** The content lacks a value that its text needs. */
export class BadContent extends Error {
  override readonly name = 'BadContent';
  constructor(field: string, needed: string, found: unknown) {
    super(`content.${field} must be ${needed}, and is ${found === undefined ? 'missing' : Array.isArray(found) ? 'a list' : typeof found}`);
  }
}

/** Two catalogues define the same message type: which one would win? */
export class DuplicateText extends Error {
  override readonly name = 'DuplicateText';
  constructor(messageType: string) {
    super(`the message type "${messageType}" has two texts: remove one of them from the catalogues`);
  }
}
