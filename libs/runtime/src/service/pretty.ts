/** Log lines for a terminal. Apart, so that pino-pretty is loaded only where a person reads. */
import { createRequire } from 'node:module';
import type { DestinationStream } from 'pino';

/** One line a message: when, how grave, who, what. */
export const PRETTY = { ignore: 'pid,hostname,service', messageFormat: '{service}: {msg}', translateTime: 'HH:MM:ss.l', singleLine: true };

export function pretty(): DestinationStream {
  const pinoPretty = createRequire(import.meta.url)('pino-pretty') as (options: object) => DestinationStream;
  return pinoPretty({ ...PRETTY, sync: true });
}
