/** Which chat a notice goes to. */
import type { Addressee } from '../channel.js';
import { NoAddress } from '../errors.js';

/** A chat's number (negative for groups) or a public channel's @name. */
export const TELEGRAM_CHAT = /^(?:-?\d{1,20}|@[A-Za-z]\w{3,31})$/;

/** The known address, else the recipient itself when it is a chat already. @throws NoAddress */
export function chatOf({ recipient, address }: Addressee): string {
  if (address !== null) return address;
  if (TELEGRAM_CHAT.test(recipient)) return recipient;
  throw new NoAddress(recipient, 'telegram', '<chat id or @channel>');
}
