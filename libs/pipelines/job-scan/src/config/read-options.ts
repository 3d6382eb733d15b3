/** The options of a configuration: how alerts are told, how boards are asked, and the sections that another room of the house reads. */
import { ALERT_CHANNELS, FIRST_SCANS } from './config.js';
import type { AdvancedConfig, AlertsConfig } from './config.js';
import { recipientProblem } from './environment.js';
import { TELLING_KEYS } from './read-profiles.js';
import type { Section } from './section.js';

const MANY_JOBS = 5_000;
const USER_AGENT = 'JobOpportunityScanner/1.0';

export function readAlerts(section: Section): AlertsConfig {
  // Read with the profile that stands alone.
  for (const key of TELLING_KEYS) section.has(key);
  const alerts: AlertsConfig = {
    firstScan: section.choice('first_scan', FIRST_SCANS, 'baseline'),
    digestAt: section.string('digest_at', '08:00'),
    timeZone: section.string('time_zone', 'UTC'),
    digestLimit: section.integer('digest_limit', 50, { min: 1, max: 500 }),
    onceAcrossBoards: section.boolean('once_across_boards', true),
    boardFailures: section.integer('board_failures', 3, { min: 1, max: 1_000 }),
    // An empty list is an answer too: nobody.
    ...(section.has('board_recipients') && { boardRecipients: section.strings('board_recipients') }),
    ...(section.has('board_channel') && { boardChannel: section.choice('board_channel', ALERT_CHANNELS, 'email') }),
  };
  for (const recipient of alerts.boardRecipients ?? []) {
    const problem = recipientProblem(recipient);
    if (problem !== undefined) section.problem('board_recipients', problem);
  }
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(alerts.digestAt)) section.problem('digest_at', `"${alerts.digestAt}" must be a time from "00:00" to "23:59", in quotes`);
  if (!isTimeZone(alerts.timeZone)) section.problem('time_zone', `"${alerts.timeZone}" is no IANA time zone, such as Europe/Berlin`);
  section.close();
  return alerts;
}

export function readAdvanced(section: Section): AdvancedConfig {
  const advanced: AdvancedConfig = {
    httpRequestTimeoutSeconds: section.integer('http_request_timeout', 30, { min: 5, max: 300 }),
    userAgent: section.string('user_agent', USER_AGENT),
    maxJobsPerSource: section.integer('max_jobs_per_source', 1_000, { min: 0 }),
    maxResponseBytes: section.integer('max_response_megabytes', 32, { min: 1, max: 256 }) * 1_048_576,
    concurrency: section.integer('concurrency', 4, { min: 1, max: 64 }),
    perHost: section.integer('requests_per_host', 2, { min: 1, max: 16 }),
    redirectHosts: section.strings('redirect_hosts').map((host) => host.toLowerCase()),
    allowPrivateAddresses: section.boolean('allow_private_addresses', false),
    jitterMilliseconds: section.integer('jitter_milliseconds', 500, { min: 0, max: 10_000 }),
  };
  if (!/^[\x20-\x7e]+$/.test(advanced.userAgent)) section.problem('user_agent', 'may hold printable ASCII only, as it is sent in a header');
  if (advanced.maxJobsPerSource > MANY_JOBS) section.warn('max_jobs_per_source', `${advanced.maxJobsPerSource} is a lot: boards rarely have more than ${MANY_JOBS}`);
  section.close();
  return advanced;
}

/** What has its effect elsewhere, and where. */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  email: {
    use_tls: 'set SMTP_REQUIRE_TLS of the notifier',
    max_retries: 'set NOTICE_MAX_ATTEMPTS of the notifier, which counts the first attempt too',
    retry_backoff_multiplier: 'pauses double with each attempt, up to NOTICE_RETRY_CAP_MS of the notifier',
    retry_initial_delay: 'set NOTICE_RETRY_BASE_MS of the notifier',
  },
  logging: { level: 'set LOG_LEVEL of the service', format: 'set LOG_FORMAT of the service' },
};

/**
 * `email` and `logging` are checked as ever, so that an old file is still a right one, but mails are the notifier's and logs the service's: whoever writes a key there is told
 * that it does nothing, and what to use instead.
 */
export function readForeign(root: Section): void {
  const email = root.section('email');
  email.boolean('use_tls', true);
  email.integer('max_retries', 3, { min: 0, max: 10 });
  email.number('retry_backoff_multiplier', 2, { min: 1, max: 5 });
  email.integer('retry_initial_delay', 5, { min: 1, max: 60 });
  email.close();
  const logging = root.section('logging');
  logging.choice('level', ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const, 'INFO');
  logging.choice('format', ['key-value', 'json'] as const, 'key-value');
  logging.close();
  for (const section of [email, logging]) {
    for (const [key, instead] of Object.entries(INSTEAD[section.path] ?? {})) if (section.has(key)) section.warn(key, `is checked and has no effect: ${instead}`);
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
