/**
 * A database connection on which nothing hangs for ever. The server cancels a statement by itself, but who sits behind a pulled cable never hears of
 * it: a little later our end gives up too, and throws the connection away, for nobody knows what it would say next.
 */
import pg from 'pg';

/** How much longer than the server our end waits. */
const BEYOND_SERVER_MS = 5_000;
/**
 * A process that is cut off inside of a transaction leaves its locks with a session that Postgres cannot tell from a slow one; whoever needs the same rows stands still until it
 * is ended. Ours only compute between two statements, so it is as long as an event loop may stand still before its process counts as dead, and shorter than a lease.
 */
const IDLE_IN_TRANSACTION_MS = 20_000;

/**
 * Startup options by which the server finds out within a minute that nobody is at the other end any more. By the system's defaults a pulled cable costs two hours of a place at the server, for
 * each connection that was open, and our end makes new ones meanwhile.
 */
export const SERVER_KEEPALIVES = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

export interface Limits {
  /** A statement is cancelled by the server after this; 0 never. */
  statementTimeoutMs: number;
  /** Waiting for one lock ends after this; 0 never. */
  lockTimeoutMs?: number;
}

/** For pg's Pool or Client. */
export function connectionLimits({ statementTimeoutMs, lockTimeoutMs = 0 }: Limits): pg.ClientConfig {
  return {
    statement_timeout: statementTimeoutMs,
    ...(lockTimeoutMs > 0 && { lock_timeout: lockTimeoutMs }),
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + BEYOND_SERVER_MS }),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** Who is in a pool, or works with a connection, listens too. */
const OUR_LISTENERS = 1;

type Answered = (error: Error | null, result: unknown) => void;

/**
 * What pg does about a time-out of its own is to say so; the connection stays busy with a statement that may never end. Where one line went silent, the others to the same server most likely
 * did too: those at rest are thrown away with it, or each of them would cost somebody the same wait.
 */
export class BoundedClient extends pg.Client {
  private static readonly open = new Set<BoundedClient>();

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // A pool hands a connection on a moment before its next owner listens, and what ends it may be in the very bytes that freed it: a process does not die of that. The connection knows
    // that it is broken, and says so to whoever asks it next.
    this.on('error', () => undefined);
    this.once('connect', () => BoundedClient.open.add(this)).once('end', () => BoundedClient.open.delete(this));
  }

  override query(...args: never[]): never {
    const told = args.at(-1) as Answered | undefined;
    if (typeof told === 'function') args.splice(-1, 1, ((error: Error | null, result: unknown) => (this.throwAwayAfter(error), told(error, result))) as never);
    const answer = (super.query as (...all: never[]) => unknown).apply(this, args);
    if (answer instanceof Promise) answer.catch((error: unknown) => this.throwAwayAfter(error));
    return answer as never;
  }

  private throwAwayAfter(error: unknown): void {
    if (!(error instanceof Error) || error.message !== 'Query read timeout') return;
    for (const other of BoundedClient.open) if (other !== this && other.isAtRest && other.host === this.host && other.port === this.port) other.cut(error);
    this.cut(error);
  }

  /** In a pool, which hears of its end. */
  private get isAtRest(): boolean {
    return (this as unknown as Inside).readyForQuery && this.listenerCount('error') > OUR_LISTENERS;
  }

  private cut(error: Error): void {
    (this as unknown as Inside).connection.stream.destroy(error);
  }
}

/** Of pg's client, which has no methods for this. */
interface Inside {
  /** No statement is under way. */
  readyForQuery: boolean;
  connection: { stream: { destroy(error: Error): void } };
}
