import { describe, expect, it } from '@jest/globals';
import type { SourceConfig } from '../config/config.js';
import { ADAPTERS } from './adapters.js';
import { ASHBY, ATOM, essence, GREENHOUSE, JSON_FEED, LEVER, RECRUITEE, RSS, SMARTRECRUITERS, SMARTRECRUITERS_DETAIL, source, WORKABLE } from './boards.fixture.js';
import type { BoardPage } from './raw-posting.js';

function pageOf(board: SourceConfig, answer: unknown, url = ADAPTERS[board.type].first(board)): BoardPage {
  return ADAPTERS[board.type].page(answer, board, url);
}

function postingOf(board: SourceConfig, answer: unknown, index = 0): object | undefined {
  const posting = ADAPTERS[board.type].posting(pageOf(board, answer).items[index], board);
  return posting && essence(posting);
}

describe('the first page of a board', () => {
  it.each([
    ['greenhouse', {}, 'https://boards-api.greenhouse.io/v1/boards/acme/jobs?content=true'],
    ['lever', {}, 'https://api.lever.co/v0/postings/acme?mode=json&skip=0&limit=100'],
    ['lever', { baseUrl: 'https://api.eu.lever.co' }, 'https://api.eu.lever.co/v0/postings/acme?mode=json&skip=0&limit=100'],
    ['ashby', { identifier: 'Acme Corp/x' }, 'https://api.ashbyhq.com/posting-api/job-board/Acme%20Corp%2Fx?includeCompensation=true'],
    ['smartrecruiters', {}, 'https://api.smartrecruiters.com/v1/companies/acme/postings?limit=100&offset=0'],
    ['workable', {}, 'https://www.workable.com/api/accounts/acme?details=true'],
    ['recruitee', { identifier: 'Acme' }, 'https://acme.recruitee.com/api/offers/'],
    ['rss', { identifier: 'https://example.org/jobs.rss' }, 'https://example.org/jobs.rss'],
  ] as const)('%s %j', (type, change, url) => expect(ADAPTERS[type].first(source(type, change))).toBe(url));

  it('of Recruitee can not lead to another host', () => expect(() => ADAPTERS.recruitee.first(source('recruitee', { identifier: 'evil.org/x?' }))).toThrow('can not be a Recruitee company'));
});

describe('a posting', () => {
  it('of Greenhouse', () => {
    expect(postingOf(source('greenhouse'), GREENHOUSE)).toEqual({
      externalId: '4012345', title: 'Senior Backend Engineer', company: 'Acme', location: 'Remote (Berlin, Paris)', description: 'R&D in Python\n\nEmployment Type: Full-time', url: 'https://boards.greenhouse.io/acme/jobs/4012345',
      postedAt: '2026-02-01T14:30:00.000Z', updatedAt: '2026-02-20T17:00:00.000Z', details: { employmentType: 'full-time', department: 'Engineering', cities: ['Berlin, Germany'] },
    });
    expect(postingOf(source('greenhouse'), GREENHOUSE, 1)).toMatchObject({ externalId: '7', location: null, postedAt: null, details: {} });
  });

  it('of Lever has all its sections (defect 15)', () => {
    expect(postingOf(source('lever'), LEVER)).toEqual({
      externalId: 'c0ffee00-0000-4000-8000-000000000001', title: 'Staff Engineer', company: undefined, location: 'Berlin', description: 'We build.\n\nRequirements\n• Go & Rust\n• C++\n\nPerks.', url: 'https://jobs.lever.co/acme/c0ffee00',
      postedAt: '2026-01-01T00:00:00.000Z', updatedAt: null,
      details: { remote: false, employmentType: 'full-time', salary: { min: 80_000, max: 100_000, currency: 'EUR', per: 'year' }, countries: ['DE', 'Germany'], department: 'Product', team: 'Platform', cities: ['Berlin', 'Munich'] },
    });
  });

  it('of Ashby, by its documented public API (defect 14); what is not listed is left out', () => {
    expect(postingOf(source('ashby'), ASHBY)).toEqual({
      externalId: '11111111-2222-4333-8444-555555555555', title: 'Data Engineer', company: undefined, location: 'New York; Toronto', description: 'Python', url: 'https://jobs.ashbyhq.com/acme/11111111-2222-4333-8444-555555555555',
      postedAt: '2026-01-15T10:00:00.123Z', updatedAt: null,
      details: { remote: true, employmentType: 'full-time', salary: { min: 150_000, max: 180_000, currency: 'USD', per: 'year' }, countries: ['USA', 'Canada'], cities: ['New York', 'Toronto'], department: 'Data', team: 'Ingest' },
    });
    expect(postingOf(source('ashby'), ASHBY, 1)).toBeUndefined();
  });

  it('of SmartRecruiters, joined with its details', () => {
    const { detail, posting } = ADAPTERS.smartrecruiters;
    const [item] = SMARTRECRUITERS.content;
    expect(detail?.url(item, source('smartrecruiters'))).toBe('https://api.smartrecruiters.com/v1/companies/acme/postings/744000012345');
    const read = posting(detail?.join(item, SMARTRECRUITERS_DETAIL), source('smartrecruiters'));
    expect(read && essence(read)).toEqual({
      externalId: '744000012345', title: 'QA Engineer', company: 'Acme GmbH', location: 'Wien, W, Austria', description: 'Company\nWe test.\n\nJob\n• Selenium', url: 'https://jobs.smartrecruiters.com/acme/744000012345',
      postedAt: '2026-02-10T08:00:00.000Z', updatedAt: null, details: { remote: false, employmentType: 'full-time', cities: ['Wien'], countries: ['at', 'Austria'], department: 'Quality' },
    });
  });

  it('of Workable', () => {
    expect(postingOf(source('workable'), WORKABLE)).toEqual({
      externalId: 'A1B2C3', title: 'Designer', company: undefined, location: 'Athens, Attica, Greece; Remote', description: 'Figma', url: 'https://apply.workable.com/j/A1B2C3', postedAt: '2026-02-03T00:00:00.000Z', updatedAt: null,
      details: { remote: true, employmentType: 'part-time', cities: ['Athens'], countries: ['Greece', 'GR'], department: 'Design' },
    });
  });

  it('of Recruitee', () => {
    expect(postingOf(source('recruitee'), RECRUITEE)).toEqual({
      externalId: '998', title: 'Support Engineer', company: 'Acme BV', location: 'Amsterdam, Netherlands', description: 'Help.\n\nLinux', url: 'https://acme.recruitee.com/o/support', postedAt: '2026-02-05T10:00:00.000Z', updatedAt: null,
      details: { remote: false, employmentType: 'full-time', salary: { min: 3_000, max: 4_000, currency: 'EUR', per: 'month' }, cities: ['Amsterdam'], countries: ['Netherlands', 'NL'], department: 'Support' },
    });
  });

  it.each([
    ['RSS', 'rss', RSS, { externalId: 'guid-1', title: 'Ops & SRE', postedAt: '2026-03-02T08:00:00.000Z', updatedAt: null }],
    ['Atom', 'rss', ATOM, { externalId: 'urn:1', title: 'Ops', postedAt: '2026-03-01T08:00:00.000Z', updatedAt: '2026-03-02T08:00:00.000Z' }],
    ['JSON Feed', 'json-feed', JSON_FEED, { externalId: 'j1', title: 'Ops', postedAt: '2026-03-01T08:00:00.000Z', updatedAt: '2026-03-02T08:00:00.000Z' }],
  ] as const)('of %s', (_what, type, text, own) => {
    expect(postingOf(source(type, { identifier: 'https://jobs.example.org/feed' }), text)).toEqual({ company: 'Initech', location: null, description: 'Kubernetes', url: 'https://jobs.example.org/1', details: {}, ...own });
  });
});

describe('further pages', () => {
  it('of Lever follow a full one', () => {
    const full = Array.from({ length: 100 }, () => LEVER[0]);
    const first = pageOf(source('lever'), full);
    expect(first.next).toContain('skip=100&limit=100');
    expect(pageOf(source('lever'), full, first.next).next).toContain('skip=200');
    expect(pageOf(source('lever'), LEVER).next).toBeUndefined();
  });

  it('of SmartRecruiters follow until all are read', () => {
    const page = pageOf(source('smartrecruiters'), { ...SMARTRECRUITERS, totalFound: 2 });
    expect(page.next).toContain('offset=1');
    expect(pageOf(source('smartrecruiters'), { ...SMARTRECRUITERS, totalFound: 2 }, page.next).next).toBeUndefined();
  });

  it('of feeds are those that they name', () => {
    const feed = { identifier: 'https://jobs.example.org/feed' };
    expect([pageOf(source('rss', feed), ATOM).next, pageOf(source('json-feed', feed), JSON_FEED).next, pageOf(source('rss', feed), RSS).next]).toEqual(['https://jobs.example.org/page2.xml', 'https://jobs.example.org/2.json', undefined]);
  });
});

describe('an answer of another shape', () => {
  it.each([['greenhouse', {}], ['greenhouse', []], ['lever', { ok: false, error: 'Document not found' }], ['ashby', { jobs: null }], ['smartrecruiters', 'x'], ['workable', { jobs: {} }], ['recruitee', null]] as const)('of %s: %j is refused', (type, answer) => {
    expect(() => pageOf(source(type), answer)).toThrow(/must/);
  });
  it('is no feed', () => expect(() => pageOf(source('rss', { identifier: 'https://x.org' }), '<html></html>')).toThrow('neither RSS, Atom, RDF nor a JSON Feed'));
});
