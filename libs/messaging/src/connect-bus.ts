/** The way to a bus: credentials that never reach a log line, and a wait for the server that ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, errors as natsErrors } from '@nats-io/transport-node';
import { Bus } from './bus.js';
import type { Log } from './bus.js';
import { BusUnreachable } from './errors.js';

export interface BusOptions {
  /** `nats://[user:password@]host:port`, several separated by commas; user and password of the first count for all. */
  url: string;
  /** Names the connection, the queue group and the durable consumers. */
  service: string;
  log: Log;
  /** How long boot waits for the server, in milliseconds. Default 30,000. */
  connectWithinMs?: number;
}

/**
 * Connects, waiting a bounded time for the server. From then on it reconnects for ever.
 * @throws BusUnreachable when there is no server in time, or at once when it refuses the credentials.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { servers, ...credentials } = parseUrl(options.url);
  const deadline = Date.now() + (options.connectWithinMs ?? 30_000);
  for (let attempt = 1; ; attempt++) {
    try {
      const connection = await connect({
        ...credentials,
        servers,
        name: options.service,
        inboxPrefix: `_INBOX_${options.service}`,
        timeout: 5_000,
        maxReconnectAttempts: -1,
        ignoreAuthErrorAbort: true,
        reconnectTimeWait: 200,
        reconnectJitter: 300,
        // A half-open socket is given up after the second unanswered ping: at most 7.5 seconds.
        pingInterval: 2_500,
        maxPingOut: 2,
        noAsyncTraces: true,
      });
      return new Bus(options.service, options.log, connection, jetstream(connection), await jetstreamManager(connection, { checkAPI: false }));
    } catch (cause) {
      if (cause instanceof natsErrors.AuthorizationError || Date.now() >= deadline) throw new BusUnreachable(servers, options.service, cause);
      if (attempt === 1) options.log.warn({ servers }, 'NATS does not answer yet, trying again');
      await delay(200);
    }
  }
}

interface Address {
  servers: string[];
  user?: string;
  pass?: string;
  token?: string;
}

/** Takes the credentials out of the URL, so that they reach the server and never a log line. */
function parseUrl(url: string): Address {
  const urls = url.split(',').map((part) => new URL(part.includes('://') ? part.trim() : `nats://${part.trim()}`));
  const servers = urls.map(({ protocol, host }) => `${protocol}//${host}`);
  const user = decodeURIComponent(urls[0]?.username ?? '');
  const pass = decodeURIComponent(urls[0]?.password ?? '');
  if (!user) return { servers };
  return pass ? { servers, user, pass } : { servers, token: user };
}
