/** A posting as a board tells it, before it is compared with what is known. */
import type { SourceConfig } from '../config/config.js';
import type { PostingDetails } from '../matching/posting.js';

export interface RawPosting {
  externalId: string;
  title: string;
  /** Undefined when the board is of one company: then it is the source's name. */
  company?: string;
  location: string | null;
  /** May be empty: some boards have postings without one. */
  description: string;
  url: string;
  postedAt: Date | null;
  updatedAt: Date | null;
  details: PostingDetails;
}

/** One page of a board. */
export interface BoardPage {
  items: unknown[];
  /** How many there are on all pages, where the board says so. */
  total?: number;
  /** The next page's address. */
  next?: string;
}

/** How one kind of board is read. Everything here is pure; requests, pages, caps and errors are the reader's. */
export interface BoardAdapter {
  /** To be raised when the same answer is read as something else than before: then every such board is read once more, also where it did not change. */
  version: number;
  /** The first page's address. @throws InvalidBoard when the identifier can not be one */
  first(source: SourceConfig): string;
  /** Where redirects may lead besides the first page's own host. */
  redirectHosts?: readonly string[];
  /** @throws BadAnswer when this is no page of such a board */
  page(answer: unknown, source: SourceConfig, url: string): BoardPage;
  /** Undefined for what the board does not list. @throws whatever makes an item unreadable; the others are read all the same */
  posting(item: unknown, source: SourceConfig): RawPosting | undefined;
  /** Boards that tell the text of a posting only when they are asked for it: where, and how it joins what the list said. */
  detail?: { url(item: unknown, source: SourceConfig): string; join(item: unknown, answer: unknown): unknown };
  /** Feeds are texts; the others answer with JSON. */
  format: 'json' | 'feed';
}
