/** Reads a board to its end: page after page, the details where it has them, up to the cap. One unreadable posting costs itself and no other. */
import type { SourceConfig } from '../config/config.js';
import { sha256 } from '../rules/job-key.js';
import { ADAPTERS } from './adapters.js';
import type { BoardFetcher, Validators } from './board-client.js';
import { feedText, parseJson } from './decode.js';
import { BadAnswer, BoardGone, shownUrl } from './errors.js';
import type { BoardAdapter, RawPosting } from './raw-posting.js';

export interface BoardListing {
  /** The board answered that, or with exactly what, it answered before. */
  unchanged: boolean;
  postings: RawPosting[];
  /** Postings whose details need not be read again: their external ids. */
  known: string[];
  /** Entries by external id, as a hash of what the list says; only of boards with details. */
  entryHashes: Map<string, string>;
  /** What could not be read, in words. */
  problems: string[];
  /** Not all of the board was read: how many were left out, as far as the board says. */
  cappedBy: number | undefined;
  /** For the next time. */
  validators: Validators;
  /** Of the first page; undefined when there were more. */
  bodyHash: string | undefined;
}

export interface ReadOptions {
  /** 0 for no limit. */
  cap: number;
  /** What was remembered from the last complete reading. */
  validators?: Validators;
  bodyHash?: string | undefined;
  /** Entries whose details were read lately. */
  entries?: ReadonlyMap<string, string>;
  signal?: AbortSignal;
}

const MOST_PAGES = 1_000;
const ACCEPT = { json: 'application/json', feed: 'application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.8' };

/** Whether the board tells the text of a posting only when it is asked for that one. */
export const hasDetails = ({ type }: SourceConfig): boolean => ADAPTERS[type].detail !== undefined;

/** Of what all adapters share (HTML as text, how postings are normalised): to be raised like an adapter's own. */
const SHARED_VERSION = 1;

/** The version of what reads such a board; under another one the same bytes may say something else. */
export const readerOf = ({ type }: SourceConfig): string => `${SHARED_VERSION}.${ADAPTERS[type].version}`;

/** @throws one of the errors of this folder, when a page can not be read: half a board would look like closed postings */
export async function readBoard(source: SourceConfig, fetcher: BoardFetcher, options: ReadOptions): Promise<BoardListing> {
  const adapter = ADAPTERS[source.type];
  const listing: BoardListing = { unchanged: false, postings: [], known: [], entryHashes: new Map(), problems: [], cappedBy: undefined, validators: {}, bodyHash: undefined };
  const seen = new Set<string>();
  let [read, url] = [0, adapter.first(source) as string | undefined];
  for (let page = 1; url !== undefined; page += 1) {
    if (page > MOST_PAGES) throw new BadAnswer(`${shownUrl(url)} has more than ${MOST_PAGES} pages`);
    const answer = await fetcher.get({ url, accept: ACCEPT[adapter.format], ...shared(adapter, options), ...(page === 1 && options.validators && { validators: options.validators }) });
    if (answer.notModified) return { ...listing, unchanged: true, validators: { ...options.validators, ...answer.validators }, bodyHash: options.bodyHash };
    const place = shownUrl(url);
    // Only a board that is one page and nothing else has a hash from last time. The same bytes say the same, so they are not even parsed.
    const bodyHash = page === 1 ? sha256(answer.body) : undefined;
    if (bodyHash !== undefined && bodyHash === options.bodyHash) return { ...listing, unchanged: true, validators: answer.validators, bodyHash };
    const body: unknown = adapter.format === 'json' ? parseJson(answer.body, place) : feedText(answer.body, answer.contentType, place);
    const { items, next, total } = adapter.page(body, source, url);
    // Validators say that the first page is the same; only where that is all there is does it mean the board.
    if (page === 1 && next === undefined && adapter.detail === undefined) Object.assign(listing, { validators: answer.validators, bodyHash });
    const room = options.cap === 0 ? items.length : Math.max(0, options.cap - read);
    for (const item of items.slice(0, room)) await take(item);
    read += Math.min(items.length, room);
    if (items.length > room || (next !== undefined && options.cap > 0 && read >= options.cap)) {
      // A capped board is read anew each time: what was left out may have changed.
      return { ...listing, cappedBy: Math.max(items.length - room, (total ?? 0) - read, 1), validators: {}, bodyHash: undefined };
    }
    url = items.length === 0 ? undefined : next;
  }
  return listing;

  async function take(item: unknown): Promise<void> {
    try {
      const listed = adapter.posting(item, source);
      if (!listed || seen.has(listed.externalId)) return;
      seen.add(listed.externalId);
      const entryHash = adapter.detail ? sha256(JSON.stringify(item)) : '';
      if (adapter.detail && options.entries?.get(listed.externalId) === entryHash) {
        listing.known.push(listed.externalId);
        return;
      }
      const posting = adapter.detail ? await detailed(adapter.detail, item, source, adapter, fetcher, options) : listed;
      if (!posting) return;
      if (adapter.detail) listing.entryHashes.set(posting.externalId, entryHash);
      listing.postings.push(checked(posting));
    } catch (error) {
      // Of one posting: its shape, or that it is gone since the list was made.
      if (!(error instanceof BadAnswer) && !(error instanceof BoardGone)) throw error;
      listing.problems.push(error.message);
    }
  }
}

async function detailed(detail: NonNullable<BoardAdapter['detail']>, item: unknown, source: SourceConfig, adapter: BoardAdapter, fetcher: BoardFetcher, options: ReadOptions): Promise<RawPosting | undefined> {
  const url = detail.url(item, source);
  const { body } = await fetcher.get({ url, accept: ACCEPT[adapter.format], ...shared(adapter, options) });
  return adapter.posting(detail.join(item, parseJson(body, shownUrl(url))), source);
}

const shared = ({ redirectHosts }: BoardAdapter, { signal }: ReadOptions): object => ({ ...(redirectHosts && { redirectHosts }), ...(signal && { signal }) });

/** A link ends up in mails: only those that a browser opens as a page. */
function checked(posting: RawPosting): RawPosting {
  if (!URL.canParse(posting.url) || !['https:', 'http:'].includes(new URL(posting.url).protocol)) throw new BadAnswer(`posting ${posting.externalId.slice(0, 80)} has an address that is no web page's`);
  if (posting.externalId.length > 500 || posting.title.length > 1_000) throw new BadAnswer(`posting ${posting.externalId.slice(0, 80)} has an id or a title that is too long`);
  return posting;
}
