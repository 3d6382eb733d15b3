/** What a notice about a match says, as the plain JSON that its row keeps. Texts of boards go in as they are: whoever renders them escapes them. */
import type { JsonObject } from '@carillon/engine';
import type { ProfileConfig } from '../config/config.js';
import type { ProfileMatch } from '../matching/matcher.js';
import { snippetsOf } from '../matching/snippets.js';
import type { Changes } from '../rules/changes.js';
import type { NormalPosting } from '../rules/normalise.js';

export interface ToldPosting extends Pick<NormalPosting, 'jobKey' | 'title' | 'company' | 'location' | 'url' | 'description' | 'contentHash'> {
  postedAt: Date | null;
  firstSeenAt: Date;
}

const SNIPPETS = 3;

export function alertContent(posting: ToldPosting, match: ProfileMatch, given: { profile: ProfileConfig; source: string; now: Date; summary: string[]; again?: Date | undefined; changes?: Changes | undefined }): JsonObject {
  const { profile, source, now, summary, again, changes } = given;
  const terms = [...match.required.matched, ...match.groups.flat()].map(({ term }) => term);
  const digest = profile.delivery !== 'posting';
  return {
    ...{ title: posting.title, company: posting.company, location: posting.location, url: posting.url, posted_at: posting.postedAt?.toISOString() ?? null, score: match.score.value, profile: profile.name },
    ...{ summary, score_parts: match.score.parts, terms, source, first_seen_at: posting.firstSeenAt.toISOString(), seen_at: now.toISOString(), job_key: posting.jobKey, version: posting.contentHash.slice(0, 8) },
    snippets: snippetsOf(posting.description, terms, profile.criteria.match, digest ? 1 : SNIPPETS).map((snippet) => snippet.map(({ text, marked }) => ({ text, marked }))),
    ...(again && { again_since: again.toISOString() }),
    ...(changes && { changes: JSON.parse(JSON.stringify(changes)) as JsonObject }),
  };
}
