import { describe, expect, it } from '@jest/globals';
import { InvalidConfig } from './errors.js';
import { readConfig } from './read-config.js';

const SOURCE = 'sources: [{ name: Acme, type: lever, identifier: acme }]';
const CRITERIA = 'search_criteria: { required_terms: [python] }';
const MINIMAL = `${SOURCE}\n${CRITERIA}\n`;
const read = (text: string, environment = {}) => readConfig(text, 'config.yaml', environment);

function problemsOf(text: string, environment = {}): string[] {
  try {
    read(text, environment);
  } catch (error) {
    if (error instanceof InvalidConfig) return error.message.split('\n').slice(1).map((line) => line.trim());
    throw error;
  }
  return [];
}

describe('a configuration', () => {
  it('of two lines has every documented default', () => {
    expect(read(MINIMAL)).toEqual({
      sources: [{ name: 'Acme', type: 'lever', identifier: 'acme', enabled: true }],
      scanIntervalSeconds: 900,
      profiles: [{
        name: 'default', criteria: { match: 'token', requiredTerms: ['python'], keywordGroups: [], excludeTerms: [] }, filters: { countries: [], cities: [], employmentTypes: [], departments: [], companies: [] },
        minimumScore: 0, recipients: [], channels: ['email'], delivery: 'posting',
      }],
      alerts: { firstScan: 'baseline', digestAt: '08:00', timeZone: 'UTC', digestLimit: 50, onceAcrossBoards: true, boardFailures: 3 },
      advanced: {
        httpRequestTimeoutSeconds: 30, userAgent: 'JobOpportunityScanner/1.0', maxJobsPerSource: 1_000, maxResponseBytes: 33_554_432, concurrency: 4, perHost: 2, redirectHosts: [], allowPrivateAddresses: false, jitterMilliseconds: 500,
      },
      warnings: ['profile "default" has no recipients, so its matches are recorded and nobody is told: write recipients, or set ALERT_TO_EMAIL'],
    });
  });

  it('trims and lower-cases terms, and leaves out empty ones and empty groups', () => {
    const [profile] = read(`${SOURCE}\nsearch_criteria:\n  required_terms: [" Python ", "", ~]\n  keyword_groups: [[Remote, " "], [], [""]]\n  exclude_terms: [Django]\n`).profiles;
    expect(profile?.criteria).toMatchObject({ requiredTerms: ['python'], keywordGroups: [['remote']], excludeTerms: ['django'] });
  });

  it('may have several profiles with recipients and channels of their own', () => {
    const { profiles } = read(`${SOURCE}
profiles:
  - name: backend
    search_criteria: { keyword_groups: [[go, rust]], match: substring }
    filters: { remote: true, countries: [Germany], posted_within: 30d, salary_at_least: { amount: 80000, currency: eur } }
    recipients: [a@example.org, "account:7"]
    channels: [email, slack]
    delivery: day
    minimum_score: 40
  - { name: data, search_criteria: { required_terms: [sql] } }
`, { alertToEmail: ['house@example.org'] });
    expect(profiles).toMatchObject([
      { name: 'backend', criteria: { match: 'substring' }, recipients: ['a@example.org', 'account:7'], channels: ['email', 'slack'], delivery: 'day', minimumScore: 40,
        filters: { remote: true, countries: ['Germany'], postedWithinSeconds: 2_592_000, salaryAtLeast: { amount: 80_000, currency: 'EUR', per: 'year', unknown: 'keep' } } },
      { name: 'data', recipients: ['house@example.org'] },
    ]);
  });

  it('reads the European host of lever, and another address of a board', () => {
    const { sources } = read(`${CRITERIA}\nsources:\n  - { name: A, type: lever, identifier: a, region: eu }\n  - { name: B, type: ashby, identifier: b, base_url: "https://proxy.example.org/ashby/" }\n`);
    expect(sources.map(({ baseUrl }) => baseUrl)).toEqual(['https://api.eu.lever.co', 'https://proxy.example.org/ashby']);
  });
});

describe('a wrong configuration', () => {
  it.each([
    ['is empty', '', 'it is empty: it needs sources and search_criteria'],
    ['is a list', '- a\n', 'line 1: it must be a mapping of keys to values, such as "sources:"'],
    ['is no YAML', 'sources: [\n', /^line \d: this is not YAML: /],
    ['has no sources', CRITERIA, 'sources: at least one source is needed'],
    ['has no source that is enabled', `${CRITERIA}\nsources: [{ name: A, type: lever, identifier: a, enabled: false }]`, 'sources: at least one source must be enabled'],
    ['has no criteria', SOURCE, 'search_criteria: is missing'],
    ['has criteria without terms', `${SOURCE}\nsearch_criteria: { exclude_terms: [x] }`, 'at least one required term or one keyword group is needed'],
    ['requires and excludes a term', `${SOURCE}\nsearch_criteria: { required_terms: [Go], exclude_terms: [go] }`, '"go" is required and excluded'],
    ['excludes a term of a group', `${SOURCE}\nsearch_criteria: { keyword_groups: [[a], [go, b]], exclude_terms: [go] }`, '"go" is in keyword group 2 and excluded'],
    ['has a term of punctuation', `${SOURCE}\nsearch_criteria: { required_terms: ["++"] }`, '"++" has neither a letter nor a digit'],
    ['has a source twice', `${CRITERIA}\nsources:\n  - { name: A, type: lever, identifier: Acme }\n  - { name: B, type: lever, identifier: acme }`, 'line 4: sources[1].identifier: lever "acme" is sources[0] already'],
    ['names a board nobody knows', `${CRITERIA}\nsources: [{ name: A, type: greenhous, identifier: a }]`, 'sources[0].type: "greenhous" must be one of greenhouse, lever, ashby, smartrecruiters, workable, recruitee, rss, json-feed; did you mean "greenhouse"?'],
    ['has a feed without an address', `${CRITERIA}\nsources: [{ name: A, type: rss, identifier: acme }]`, `"acme" must be the feed's address`],
    ['has a key that is mistyped', `${MINIMAL}scan_intervall: 15m`, 'line 3: scan_intervall: is no key of the configuration; did you mean "scan_interval"?'],
    ['has a key in a section that is mistyped', `${MINIMAL}advanced:\n  user_agnet: x`, 'line 4: advanced.user_agnet: is no key of "advanced"; did you mean "user_agent"?'],
    ['scans too often', `${MINIMAL}scan_interval: 4m`, '"4m" is below the minimum of 5m'],
    ['scans too rarely', `${MINIMAL}scan_interval: P1DT2H`, '"P1DT2H" (1d 2h) is above the maximum of 1d'],
    ['has no duration', `${MINIMAL}scan_interval: soon`, '"soon" is no duration: write for example 15m, 1h30m or PT15M'],
    ['has text for a number', `${MINIMAL}advanced: { http_request_timeout: long }`, '"long" must be a number'],
    ['has a number out of range', `${MINIMAL}advanced: { http_request_timeout: 4 }`, '4 must be from 5 to 300'],
    ['has half a retry', `${MINIMAL}email: { max_retries: 2.5 }`, '2.5 must be a whole number'],
    ['has too many retries', `${MINIMAL}email: { max_retries: 11 }`, '11 must be from 0 to 10'],
    ['multiplies by too much', `${MINIMAL}email: { retry_backoff_multiplier: 6 }`, '6 must be from 1 to 5'],
    ['waits too long', `${MINIMAL}email: { retry_initial_delay: 61 }`, '61 must be from 1 to 60'],
    ['has a level nobody knows', `${MINIMAL}logging: { level: LOUD }`, '"LOUD" must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL'],
    ['has an empty user agent', `${MINIMAL}advanced: { user_agent: " " }`, 'advanced.user_agent: must not be empty'],
    ['breaks a header', `${MINIMAL}advanced: { user_agent: "a\\r\\nb" }`, 'may hold printable ASCII only'],
    ['has a negative cap', `${MINIMAL}advanced: { max_jobs_per_source: -1 }`, '-1 must be 0 or more'],
    ['sends to nobody', `${MINIMAL}alerts: { recipients: ["a@b, c"] }`, '"a@b, c" is no e-mail address'],
    ['tells nobody of boards', `${MINIMAL}alerts: { board_recipients: ["ops"] }`, 'alerts.board_recipients: "ops" is no e-mail address'],
    ['waits for too long between requests', `${MINIMAL}advanced: { jitter_milliseconds: 10001 }`, 'advanced.jitter_milliseconds: 10001 must be from 0 to 10000'],
    ['lives in no time zone', `${MINIMAL}alerts: { time_zone: Mars/Base }`, '"Mars/Base" is no IANA time zone'],
    ['has yes for a boolean', `${MINIMAL}alerts: { once_across_boards: "yes" }`, '"yes" must be true or false'],
    ['has two profiles of one name', `${SOURCE}\nprofiles: [{ name: a, search_criteria: { required_terms: [x] } }, { name: a, search_criteria: { required_terms: [y] } }]`, 'two profiles are called "a"'],
    ['has a list for a mapping', `${MINIMAL}advanced: [1]`, 'advanced: must be a mapping of keys to values'],
  ])('that %s is told so', (_what, text, message) => {
    const problems = problemsOf(text);
    expect(problems.some((problem) => (typeof message === 'string' ? problem.includes(message) : message.test(problem)))).toBe(true);
  });

  it('is told everything at once, in the order of its lines, and what the environment says wrong', () => {
    expect(problemsOf(`scan_interval: 1m\n${CRITERIA}\nsources:\n  - { name: "", type: lever, identifier: a }\n  - { name: B, type: ashb, identifier: b }\ncolour: red\n`, { scanInterval: '1 year', alertToEmail: ['nobody'] })).toEqual([
      'SCAN_INTERVAL: "1 year" is no duration: write for example 15m, 1h30m or PT15M',
      'ALERT_TO_EMAIL: "nobody" is no e-mail address',
      'line 1: scan_interval: "1m" is below the minimum of 5m',
      'line 4: sources[0].name: must not be empty',
      'line 5: sources[1].type: "ashb" must be one of greenhouse, lever, ashby, smartrecruiters, workable, recruitee, rss, json-feed; did you mean "ashby"?',
      'line 6: colour: is no key of the configuration',
    ]);
  });
});

describe('the environment', () => {
  it('goes before the file for the interval, and gives recipients to profiles without any', () => {
    const config = read(`${MINIMAL}scan_interval: 1h\n`, { scanInterval: '20m', alertToEmail: ['me@example.org'] });
    expect(config).toMatchObject({ scanIntervalSeconds: 1_200, profiles: [{ recipients: ['me@example.org'] }], warnings: [] });
  });
});

it('warns of what is allowed and probably not meant', () => {
  const text = `${CRITERIA.replace('[python]', '[python, Python]')}\nsources:\n  - { name: A, type: lever, identifier: a }\n  - { name: B, type: ashby, identifier: b, enabled: false }\nadvanced: { max_jobs_per_source: 6000 }\nemail: { use_tls: true, max_retries: 3, retry_backoff_multiplier: 2, retry_initial_delay: 5 }\nlogging:\n  level: DEBUG\n  format: json\n`;
  expect(read(text, { alertToEmail: ['a@b.org'] }).warnings).toEqual([
    'line 4: sources[1].enabled: "B" is disabled and will not be scanned',
    'line 1: search_criteria.required_terms: "python" is there more than once',
    'line 5: advanced.max_jobs_per_source: 6000 is a lot: boards rarely have more than 5000',
    'line 6: email.use_tls: is checked and has no effect: set SMTP_REQUIRE_TLS of the notifier',
    'line 6: email.max_retries: is checked and has no effect: set NOTICE_MAX_ATTEMPTS of the notifier, which counts the first attempt too',
    'line 6: email.retry_backoff_multiplier: is checked and has no effect: pauses double with each attempt, up to NOTICE_RETRY_CAP_MS of the notifier',
    'line 6: email.retry_initial_delay: is checked and has no effect: set NOTICE_RETRY_BASE_MS of the notifier',
    'line 8: logging.level: is checked and has no effect: set LOG_LEVEL of the service',
    'line 9: logging.format: is checked and has no effect: set LOG_FORMAT of the service',
  ]);
});
