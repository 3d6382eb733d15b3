/**
 * Message headers as plain records. Names that begin with "Nats-" steer the server (deduplication, roll-ups, expected sequences), so
 * nobody but the bus sets them.
 */
import { headers as natsHeaders } from '@nats-io/transport-node';
import type { MsgHdrs } from '@nats-io/transport-node';
import { ReservedHeader } from './errors.js';
import { storable } from './payload.js';

export type Headers = Record<string, string>;

/** @throws ReservedHeader for a name that begins with "Nats-", in any case. */
export function toNatsHeaders(plain: Headers): MsgHdrs {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(plain)) {
    if (/^\s*nats-/i.test(name)) throw new ReservedHeader(name);
    headers.set(name, value);
  }
  return headers;
}

/** Anyone can send any bytes in a header, so these are made fit to store. */
export function fromNatsHeaders(headers: MsgHdrs | undefined): Headers {
  const plain: Headers = {};
  for (const name of headers?.keys() ?? []) plain[storable(name)] = storable(headers?.values(name).join(', ') ?? '');
  return plain;
}
