/** Every way in which a notice turns out to be unsendable before anything was sent. All of them are final: trying again would end the same. */

/** The text can not be cut to the channel's limit, or into few enough messages. */
export class TextTooLong extends Error {
  override readonly name = 'TextTooLong';
}

/** Nobody knows where this recipient is reached. */
export class NoAddress extends Error {
  override readonly name = 'NoAddress';
  constructor(recipient: string, channel: string, form: string) {
    super(`"${recipient}" has no address on ${channel}: set its address with PUT /notices/addresses {"recipient", "channel": "${channel}", "address": "${form}"}, then queue the notice again`);
  }
}

/** The channel can not show a button that the text asks for. */
export class BadButton extends Error {
  override readonly name = 'BadButton';
  constructor(button: string, why: string) {
    super(`the button "${button}" can not be shown: ${why}`);
  }
}
