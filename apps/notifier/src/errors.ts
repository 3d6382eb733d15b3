/** Every way in which a notice turns out to be unsendable before anything was sent. All of them are final: trying again would end the same. */

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
