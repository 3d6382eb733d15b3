/**
 * One call to one OpenAI-compatible server: sends, bounds the time, and turns whatever goes wrong into a {@link ModelCallFailed}. The
 * client's own retries are off (ours are the policy of the router) and so is its reading of the environment and its logging, which would
 * print prompts.
 */
import type * as Library from 'openai';
import type { APIError, OpenAI } from 'openai';
import { ModelCallFailed } from './errors.js';
import type { LanguageConfig, ModelServer } from './model-config.js';
import { known } from './model-config.js';

/** Where a call goes and how long it may take. */
export interface CallTarget {
  readonly client: () => Promise<OpenAI>;
  readonly model: string;
  readonly provider: string;
  readonly timeoutMs: number;
  /** The time of day in milliseconds, for a Retry-After that names a date. */
  readonly now: () => number;
}

/** Loaded with the first call: a house without models does without it, and starts that much sooner. */
const library = (): Promise<typeof Library> => import('openai');

/** The configured servers, each with one client for the life of its owner. */
export class ModelServers {
  readonly #clients: Readonly<Record<string, () => Promise<OpenAI>>>;

  constructor(
    private readonly config: LanguageConfig,
    private readonly now: () => number,
  ) {
    this.#clients = Object.fromEntries(Object.entries(config.servers).map(([name, server]) => [name, clientFor(server)]));
  }

  target(model: string): CallTarget {
    const { server } = known('model', model, this.config.models);
    return { client: known('server', server, this.#clients), model, provider: server, timeoutMs: this.config.timeoutMs ?? 60_000, now: this.now };
  }
}

/**
 * Runs one request under the target's time limit. The client's own timeout ends with the response headers, so a body that stalls would
 * hang for ever; this one lasts until the answer is whole.
 *
 * @throws ModelCallFailed on every failure of the server; the signal's reason when the caller aborts
 */
export async function callModel<T>(target: CallTarget, send: (client: OpenAI, options: { signal: AbortSignal; timeout: number }) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const client = await target.client();
  signal?.throwIfAborted();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), target.timeoutMs);
  const stop = (): void => limit.abort();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await send(client, { signal: limit.signal, timeout: target.timeoutMs });
  } catch (error) {
    signal?.throwIfAborted();
    throw await failureOf(target, error, limit.signal.aborted);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** A client that does nothing of its own accord; made when it is asked for, once. */
function clientFor(server: ModelServer): () => Promise<OpenAI> {
  let client: OpenAI | undefined;
  return async () => {
    const { OpenAI: Client } = await library();
    return (client ??= new Client({
      baseURL: server.baseUrl,
      // The client insists on a key; servers without authentication ignore it.
      apiKey: server.apiKey ?? 'none',
      organization: null,
      project: null,
      adminAPIKey: null,
      webhookSecret: null,
      maxRetries: 0,
      logLevel: 'off',
    }));
  };
}

const transientCodes: ReadonlySet<number> = new Set([429, 500, 502, 503]);

async function failureOf(target: CallTarget, error: unknown, timedOut: boolean): Promise<ModelCallFailed> {
  const { APIConnectionError, APIError } = await library();
  const failed = (problem: string, remedy: ModelCallFailed['remedy'], reached: boolean, retryAfterMs?: number): ModelCallFailed =>
    new ModelCallFailed(target.model, target.provider, problem, remedy, reached, retryAfterMs);
  if (error instanceof ModelCallFailed) return error;
  if (timedOut) return failed(`no complete answer within ${target.timeoutMs} ms`, 'retry_later', false);
  if (error instanceof APIConnectionError) return failed(`connection failed${systemCode(error)}`, 'retry_later', false);
  if (error instanceof APIError && typeof error.status === 'number') {
    const remedy = transientCodes.has(error.status) ? 'retry_later' : 'give_up';
    return failed(`HTTP ${error.status}${serverCode(error)}`, remedy, true, retryAfterMs(error.headers, target.now()));
  }
  // What is left is an answer that is no JSON at all, or a connection cut within the body.
  if (error instanceof Error && error.name === 'SyntaxError') return failed('the server answered something that is not JSON', 'retry_now', true);
  return failed(`the answer broke off${systemCode(error)}`, 'retry_later', false);
}

/** The server's code, such as `insufficient_quota`, when it is plainly a code and not a sentence that might quote something. */
function serverCode(error: APIError): string {
  return typeof error.code === 'string' && /^[a-z_]{1,40}$/.test(error.code) ? ` (${error.code})` : '';
}

/** The operating system's code deep in the chain of causes, such as `ECONNREFUSED`. */
function systemCode(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    if ('code' in current && typeof current.code === 'string' && /^[A-Z_]{3,40}$/.test(current.code)) return ` (${current.code})`;
    current = 'cause' in current ? current.cause : undefined;
  }
  return '';
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const value = headers?.get('retry-after')?.trim();
  if (!value) return undefined;
  const milliseconds = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
