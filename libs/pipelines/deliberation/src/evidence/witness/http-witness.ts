/** A witness with an HTTPS interface: each root is posted to `<url>/anchors`, with the key as bearer token, and the id in its answer is the receipt. */
import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PublicHosts } from '@carillon/egress';
import { InvalidDeliberationSettings, WitnessRefused } from '../../errors.js';
import type { DailyRoot } from '../roots-and-proofs.js';
import type { Witness } from './witness.js';

/** An answer is an id and a few words; more than this is no answer. */
const LONGEST_ANSWER_BYTES = 65_536;
const LONGEST_RECEIPT = 500;

const publicHosts = new PublicHosts((problem) => Object.assign(new Error(`${problem}: name another witness, or set WITNESS_ALLOW_PRIVATE=true when yours is inside your network`), { code: 'ENOTPUBLIC' }));

export interface HttpWitnessOptions {
  url: string;
  key: string | undefined;
  /** From the first byte sent to the last one read. */
  timeoutMs: number;
  /** For a witness inside the operator's own network: any address, and plain HTTP. */
  allowPrivate: boolean;
}

export class HttpWitness implements Witness {
  readonly name: string;
  readonly #url: URL;

  /** @throws InvalidDeliberationSettings */
  constructor(private readonly options: HttpWitnessOptions) {
    this.#url = anchorsOf(options);
    this.name = this.#url.href;
  }

  async publish(root: DailyRoot, signal: AbortSignal): Promise<string> {
    if (!this.options.allowPrivate) publicHosts.assert(this.#url.hostname);
    const { status, body } = await this.#post(JSON.stringify(root), root, AbortSignal.any([signal, AbortSignal.timeout(this.options.timeoutMs)]));
    // Redirects are not followed: they would lead past the check of the address, and carry the key to somebody else.
    if (status < 200 || status > 299) throw new WitnessRefused(this.name, `answered ${status}${status >= 300 && status < 400 ? ', a redirect: set WITNESS_API_URL to where it leads' : ''}`);
    return receiptOf(body) ?? `answered ${status}`;
  }

  #post(body: string, { day, merkle_root }: DailyRoot, signal: AbortSignal): Promise<{ status: number; body: string }> {
    const { key, allowPrivate } = this.options;
    const send = this.#url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'idempotency-key': `${day}.${merkle_root}`, ...(key !== undefined && { authorization: `Bearer ${key}` }) };
      // A connection of its own: a kept one would go to an address that was checked at another time.
      const request = send(this.#url, { method: 'POST', headers, signal, agent: false, ...(!allowPrivate && { lookup: publicHosts.lookup }) }, (response) => {
        void textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject);
      });
      request.once('error', reject);
      request.end(body);
    });
  }
}

function anchorsOf({ url, allowPrivate }: HttpWitnessOptions): URL {
  const base = new URL(url);
  if (base.protocol !== 'https:' && !(allowPrivate && base.protocol === 'http:')) throw new InvalidDeliberationSettings(`WITNESS_API_URL is "${base.protocol}//${base.host}…": only https is used, and http with WITNESS_ALLOW_PRIVATE=true`);
  if (base.username !== '' || base.password !== '') throw new InvalidDeliberationSettings('WITNESS_API_URL holds a user name or password, which would be stored and shown: put the key into WITNESS_API_KEY');
  base.search = '';
  base.hash = '';
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/anchors`;
  return base;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_ANSWER_BYTES) throw new Error(`the witness answers more than ${LONGEST_ANSWER_BYTES} bytes, which is no receipt`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `receipt` or `id` of a JSON object, without characters that a terminal would obey. */
function receiptOf(body: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { receipt, id } = (typeof answer === 'object' && answer !== null ? answer : {}) as { receipt?: unknown; id?: unknown };
  const text = [receipt, id].find((value) => typeof value === 'string' || typeof value === 'number');
  return text === undefined ? undefined : String(text).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '').slice(0, LONGEST_RECEIPT) || undefined;
}
