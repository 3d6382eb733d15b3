/** Every way in which a notice turns out to be unsendable before anything was sent. All of them are final: trying again would end the same. */

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

/** The text can not be cut to the channel's limit, or into few enough messages. */
export class TextTooLong extends Error {
  override readonly name = 'TextTooLong';
}

/** Nobody knows where this recipient is reached. */
export class NoAddress extends Error {
  override readonly name = 'NoAddress';
  constructor(recipient: string) {
    super(`"${recipient}" has no Telegram address: set its address with PUT /notices/addresses {"recipient", "channel": "telegram", "address": "<chat id or @channel>"}, then queue the notice again`);
  }
}
