/** What the configuration file says, once it has been read and checked: every default filled in, every duration in seconds. */

export const SOURCE_TYPES = ['greenhouse', 'lever', 'ashby', 'smartrecruiters', 'workable', 'recruitee', 'rss', 'json-feed'] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

export interface SourceConfig {
  /** Also the company of its postings, unless the board names one itself. */
  name: string;
  type: SourceType;
  /** Board token, site or account; for feeds their address. */
  identifier: string;
  enabled: boolean;
  /** Another address of the same API, such as Lever's European one or a proxy. */
  baseUrl?: string;
}

export const MATCH_MODES = ['token', 'substring'] as const;
export type MatchMode = (typeof MATCH_MODES)[number];

export interface SearchCriteria {
  match: MatchMode;
  /** All of them must be there. */
  requiredTerms: string[];
  /** At least one of each group must be there. */
  keywordGroups: string[][];
  /** None of them may be there. */
  excludeTerms: string[];
}

export const EMPLOYMENT_TYPES = ['full-time', 'part-time', 'contract', 'internship', 'temporary'] as const;
export type EmploymentType = (typeof EMPLOYMENT_TYPES)[number];
export const PAY_PERIODS = ['hour', 'day', 'week', 'month', 'year'] as const;
export type PayPeriod = (typeof PAY_PERIODS)[number];

export interface SalaryFilter {
  amount: number;
  currency: string;
  per: PayPeriod;
  /** Whether postings that name no salary pass. */
  unknown: 'keep' | 'drop';
}

export interface Filters {
  remote?: boolean;
  countries: string[];
  cities: string[];
  employmentTypes: EmploymentType[];
  departments: string[];
  companies: string[];
  salaryAtLeast?: SalaryFilter;
  postedWithinSeconds?: number;
}

export const DELIVERIES = ['posting', 'run', 'day'] as const;
export type Delivery = (typeof DELIVERIES)[number];
export const FIRST_SCANS = ['baseline', 'alert', 'digest'] as const;
export type FirstScan = (typeof FIRST_SCANS)[number];

export interface ProfileConfig {
  name: string;
  criteria: SearchCriteria;
  filters: Filters;
  /** Postings that score less, from 0 to 100, match without an alert. */
  minimumScore: number;
  /** Addresses, or names whose address the notifier knows. */
  recipients: string[];
  channels: AlertChannel[];
  /** An alert for each posting, or a digest of each run or day. */
  delivery: Delivery;
}

export const ALERT_CHANNELS = ['email', 'telegram', 'slack'] as const;
export type AlertChannel = (typeof ALERT_CHANNELS)[number];

export interface AlertsConfig {
  /** What a board's postings mean when it is scanned for the first time. */
  firstScan: FirstScan;
  /** When the digest of a day is due, as HH:MM in `timeZone`. */
  digestAt: string;
  timeZone: string;
  /** The best so many are told; the rest is counted. */
  digestLimit: number;
  /** The same job at several boards is told once. */
  onceAcrossBoards: boolean;
  /** Failures in a row of a board that are told. */
  boardFailures: number;
  /** Who is told about boards, and on which channel. Undefined: whoever hears of matches, as they hear of them. */
  boardRecipients?: string[];
  boardChannel?: AlertChannel;
}

export interface AdvancedConfig {
  httpRequestTimeoutSeconds: number;
  userAgent: string;
  /** Postings of one source that are read at most; 0 for no limit. */
  maxJobsPerSource: number;
  maxResponseBytes: number;
  /** Boards that are read at once, and requests to one host at once. */
  concurrency: number;
  perHost: number;
  /** Hosts, besides the source's own, that a redirect may lead to. */
  redirectHosts: string[];
  allowPrivateAddresses: boolean;
  /** Before each further request to a host, by chance from nothing to this; 0 for no pause. */
  jitterMilliseconds: number;
}

export interface JobScanConfig {
  sources: SourceConfig[];
  scanIntervalSeconds: number;
  profiles: ProfileConfig[];
  alerts: AlertsConfig;
  advanced: AdvancedConfig;
  /** What is allowed and probably not meant. */
  warnings: string[];
}
