/** A posting in the shape in which it is stored and compared: who it is, whether its text or only its facts are other ones, and what it may be the same job as. */
import type { SourceConfig } from '../config/config.js';
import type { PostingDetails } from '../matching/posting.js';
import type { RawPosting } from '../sources/raw-posting.js';
import { contentHash, jobKey, oneSpaced, sha256 } from './job-key.js';
import { likenessOf } from './similarity.js';

export interface NormalPosting extends Omit<RawPosting, 'company'> {
  jobKey: string;
  company: string;
  contentHash: string;
  factsHash: string;
  likeness: string;
  entryHash: string | null;
}

export function normalise(raw: RawPosting, source: Pick<SourceConfig, 'name' | 'type' | 'identifier'>, entryHash: string | null = null): NormalPosting {
  const posting = {
    ...{ externalId: storable(raw.externalId).trim(), title: oneLine(raw.title), company: oneLine(raw.company ?? source.name), description: storable(raw.description).trim(), url: storable(raw.url) },
    ...{ location: raw.location === null ? null : oneLine(raw.location) || null, postedAt: raw.postedAt, updatedAt: raw.updatedAt, details: storableDetails(raw.details) },
  };
  return {
    ...posting,
    jobKey: jobKey(source.type, source.identifier, posting.externalId),
    contentHash: contentHash(posting),
    factsHash: sha256(JSON.stringify([posting.url, posting.company, posting.postedAt, posting.updatedAt, posting.details])),
    likeness: likenessOf(posting),
    entryHash,
  };
}

/** Postgres takes neither NUL nor halves of characters. */
const storable = (text: string): string => text.replaceAll('\u0000', '').toWellFormed();
const oneLine = (text: string): string => oneSpaced(storable(text)).trim();
const storableDetails = (details: PostingDetails): PostingDetails => JSON.parse(JSON.stringify(details, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value))) as PostingDetails;
