/** What is stored, for who asks: which postings a profile would match, and why one does or does not. */
import type { DataSource } from 'typeorm';
import type { LoadedConfig } from '../config/config-file.js';
import { Alert, Posting } from '../entities.js';
import { NotThere } from '../errors.js';
import { Matcher } from '../matching/matcher.js';
import type { ProfileMatch } from '../matching/matcher.js';
import { plainSnippet, snippetsOf } from '../matching/snippets.js';
import { summaryOf } from '../matching/summary.js';

export interface PreviewedPosting {
  jobKey: string;
  score: number;
  title: string;
  company: string;
  location: string | null;
  url: string;
  summary: string[];
  /** Null while it is open. */
  closedAt: Date | null;
}

/** Every stored posting that the profile matches as it is written now, closed ones too, the best first; nothing is recorded and nobody is told. @throws NotThere */
export async function previewProfile(dataSource: DataSource, { config }: LoadedConfig, name: string, now: Date): Promise<PreviewedPosting[]> {
  const matcher = new Matcher([profileOf(config.profiles, name)]);
  const found: PreviewedPosting[] = [];
  for await (const posting of allStored(dataSource)) {
    const [match] = matcher.matches(posting, now);
    if (match) found.push({ jobKey: posting.jobKey, score: match.score.value, title: posting.title, company: posting.company, location: posting.location, url: posting.url, summary: summaryOf(match), closedAt: posting.closedAt });
  }
  return found.sort((a, b) => b.score - a.score || (a.title < b.title ? -1 : 1));
}

export interface WhyAnswer {
  posting: Pick<Posting, 'jobKey' | 'title' | 'company' | 'location' | 'url' | 'firstSeenAt' | 'closedAt'>;
  match: ProfileMatch;
  summary: string[];
  snippets: string[];
  /** What was decided about telling it, the latest first. */
  decisions: { decision: string; at: Date; version: string; toldAt: Date | null }[];
}

/** @param which a job key or its beginning, or the posting's address. @throws NotThere */
export async function whyPosting(dataSource: DataSource, { config }: LoadedConfig, which: string, name: string, now: Date): Promise<WhyAnswer> {
  const profile = profileOf(config.profiles, name);
  const postings = await dataSource.manager.createQueryBuilder(Posting, 'posting').where('posting.url = :which OR (length(:which) >= 8 AND starts_with(posting.jobKey, lower(:which)))', { which }).limit(2).getMany();
  const [posting] = postings;
  if (!posting) throw new NotThere(`there is no posting "${which}": write its address, or at least the first eight digits of its job key`);
  if (postings.length > 1) throw new NotThere(`more than one posting is "${which}": write more of the job key`);
  const [match] = new Matcher([profile]).explain(posting, now);
  if (!match) throw new NotThere(`there is no profile "${name}"`);
  const terms = [...match.required.matched, ...match.groups.flat(), ...match.excluded].map(({ term }) => term);
  const alerts = await dataSource.manager.find(Alert, { where: { jobKey: posting.jobKey, profile: name }, order: { at: 'DESC' } });
  return {
    posting,
    match,
    summary: summaryOf(match),
    snippets: snippetsOf(posting.description, terms, profile.criteria.match).map(plainSnippet),
    decisions: alerts.map(({ decision, at, contentHash, toldAt }) => ({ decision, at, version: contentHash.slice(0, 8), toldAt })),
  };
}

function profileOf<Profile extends { name: string }>(profiles: readonly Profile[], name: string): Profile {
  const profile = profiles.find((one) => one.name === name);
  if (!profile) throw new NotThere(`there is no profile "${name}"; there is ${profiles.map((one) => one.name).join(', ')}`);
  return profile;
}

const AT_ONCE = 500;

async function* allStored(dataSource: DataSource): AsyncIterable<Posting> {
  for (let after = ''; ; ) {
    const page = await dataSource.manager.createQueryBuilder(Posting, 'posting').where('posting.jobKey > :after', { after }).orderBy('posting.jobKey').limit(AT_ONCE).getMany();
    yield* page;
    if (page.length < AT_ONCE) return;
    after = page.at(-1)?.jobKey ?? '';
  }
}
