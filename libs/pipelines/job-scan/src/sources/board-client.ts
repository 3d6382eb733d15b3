/** How boards are asked: politely, within bounds, and only where a source says. One for a whole scan; it is closed after it. */
import { setTimeout as delay } from 'node:timers/promises';
import { PublicHosts } from '@carillon/egress';
import { Agent, fetch } from 'undici';
import type { Response } from 'undici';
import type { AdvancedConfig } from '../config/config.js';
import { AnswerTooLarge, BoardBusy, BoardGone, BoardRefused, BoardSlow, BoardUnreachable, ForbiddenAddress, shownUrl } from './errors.js';
import { HostLimits } from './host-limits.js';
import { retryAfterMs } from './retry-after.js';

export interface Validators {
  etag?: string;
  lastModified?: string;
}

export interface BoardAnswer {
  /** What was asked for has not changed since the validators were given; then there is no body. */
  notModified: boolean;
  body: Uint8Array;
  contentType: string;
  validators: Validators;
}

export interface BoardRequest {
  url: string;
  accept: string;
  validators?: Validators;
  /** Hosts that a redirect may lead to besides the one that is asked. */
  redirectHosts?: readonly string[];
  signal?: AbortSignal;
}

/** What fetches pages: the real client, or recorded boards. */
export interface BoardFetcher {
  get(request: BoardRequest): Promise<BoardAnswer>;
  close(): Promise<void>;
}

export type ClientOptions = Pick<AdvancedConfig, 'httpRequestTimeoutSeconds' | 'userAgent' | 'maxResponseBytes' | 'perHost' | 'redirectHosts' | 'allowPrivateAddresses' | 'jitterMilliseconds'>;

/** Chance and time, so that a spec can say both. */
export interface ClientHands {
  /** From 0 to 1. */
  random(): number;
  pause(milliseconds: number, signal?: AbortSignal): Promise<unknown>;
}

const OWN_HANDS: ClientHands = { random: Math.random, pause: (milliseconds, signal) => delay(milliseconds, undefined, { signal }) };

const MOST_REDIRECTS = 5;
const publicHosts = new PublicHosts((problem) => new ForbiddenAddress(`${problem}: set advanced.allow_private_addresses if this board is really there`));

export class BoardClient implements BoardFetcher {
  readonly #agent: Agent;
  readonly #hosts: HostLimits;

  /** Hosts that were asked something. */
  readonly #asked = new Set<string>();

  constructor(
    private readonly options: ClientOptions,
    private readonly hands: ClientHands = OWN_HANDS,
  ) {
    const timeout = options.httpRequestTimeoutSeconds * 1_000;
    this.#agent = new Agent({ connect: { timeout, ...(!options.allowPrivateAddresses && { lookup: publicHosts.lookup as never }) }, headersTimeout: timeout, bodyTimeout: timeout, keepAliveTimeout: 4_000, connections: options.perHost });
    this.#hosts = new HostLimits(options.perHost);
  }

  /** @throws one of the errors of this folder */
  async get(request: BoardRequest): Promise<BoardAnswer> {
    const allowed = new Set([new URL(request.url).host, ...(request.redirectHosts ?? []), ...this.options.redirectHosts]);
    let url = new URL(request.url);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#hosts.within(url.host, () => this.#askInTime(url, request), request.signal);
      if (!(answer instanceof URL)) return answer;
      if (redirects === MOST_REDIRECTS) throw new BoardRefused(`${shownUrl(request.url)} redirects more than ${MOST_REDIRECTS} times`);
      if (!allowed.has(answer.host)) throw new ForbiddenAddress(`${shownUrl(request.url)} redirects to ${answer.host}: add it to advanced.redirect_hosts if that is right`);
      if (answer.protocol !== 'https:' && answer.protocol !== url.protocol) throw new ForbiddenAddress(`${shownUrl(request.url)} redirects from ${url.protocol} to ${answer.protocol}`);
      url = answer;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Not all at once, and not in step with everybody who scans at the same minute: a host that was asked before gets a pause by chance. It is part of the turn, so others wait with us. */
  async #askInTime(url: URL, request: BoardRequest): Promise<BoardAnswer | URL> {
    const pause = this.#asked.has(url.host) ? Math.floor(this.hands.random() * this.options.jitterMilliseconds) : 0;
    this.#asked.add(url.host);
    if (pause > 0) await this.hands.pause(pause, request.signal);
    return this.#ask(url, request);
  }

  /** An answer, or where it redirects to. */
  async #ask(url: URL, { accept, validators, signal }: BoardRequest): Promise<BoardAnswer | URL> {
    if (!this.options.allowPrivateAddresses) publicHosts.assert(url.hostname);
    // For the whole answer: a board that sends a byte now and then is not waited for.
    const timeUp = AbortSignal.timeout(this.options.httpRequestTimeoutSeconds * 1_000);
    const headers = {
      ...{ accept, 'user-agent': this.options.userAgent },
      ...(validators?.etag !== undefined && { 'if-none-match': validators.etag }),
      ...(validators?.lastModified !== undefined && { 'if-modified-since': validators.lastModified }),
    };
    try {
      const response = await fetch(url, { headers, redirect: 'manual', dispatcher: this.#agent, signal: signal ? AbortSignal.any([signal, timeUp]) : timeUp });
      return await this.#read(response, url);
    } catch (error) {
      throw timeUp.aborted ? new BoardSlow(`${shownUrl(url.href)} did not answer in full within ${this.options.httpRequestTimeoutSeconds} s`) : named(error, url);
    }
  }

  async #read(response: Response, url: URL): Promise<BoardAnswer | URL> {
    const { status, headers } = response;
    const validators: Validators = { ...(headers.get('etag') && { etag: headers.get('etag') as string }), ...(headers.get('last-modified') && { lastModified: headers.get('last-modified') as string }) };
    if (status === 200) return { notModified: false, body: await this.#body(response, url), contentType: headers.get('content-type') ?? '', validators };
    await response.body?.cancel().catch(() => undefined);
    if (status === 304) return { notModified: true, body: new Uint8Array(), contentType: '', validators };
    const location = headers.get('location');
    if (status >= 300 && status < 400 && location !== null && URL.canParse(location, url.href)) return new URL(location, url);
    const said = `${shownUrl(url.href)} answered ${status}`;
    if (status === 404 || status === 410) throw new BoardGone(`${said}: is the identifier right, and does the board still exist?`);
    if (status === 429 || status === 408 || status >= 500) throw new BoardBusy(said, retryAfterMs(headers.get('retry-after'), new Date(headers.get('date') ?? Date.now())));
    throw new BoardRefused(said);
  }

  async #body(response: Response, url: URL): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    // Counted as it is unpacked: what is small on the wire may be large here.
    for await (const piece of response.body ?? []) {
      bytes += (piece as Uint8Array).byteLength;
      if (bytes > this.options.maxResponseBytes) throw new AnswerTooLarge(`${shownUrl(url.href)} answers with more than ${Math.round(this.options.maxResponseBytes / 1_048_576)} MB: raise advanced.max_response_megabytes if that is right`);
      pieces.push(piece as Uint8Array);
    }
    return Buffer.concat(pieces, bytes);
  }
}

const OURS = [AnswerTooLarge, BoardBusy, BoardGone, BoardRefused, BoardSlow, ForbiddenAddress];

/** What undici throws hides its reason in the cause. */
function named(error: unknown, url: URL): unknown {
  if (OURS.some((type) => error instanceof type)) return error;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) if (cause instanceof ForbiddenAddress) return cause;
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String((error as Error).message);
  if (error instanceof Error && error.name === 'AbortError') return error;
  return new BoardUnreachable(`${shownUrl(url.href)} can not be reached: ${reason}`, { cause: error });
}
