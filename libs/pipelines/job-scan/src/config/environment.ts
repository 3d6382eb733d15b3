/** What the environment says instead of the file. The SMTP variables are not among it: the notifier reads those itself. */
import type { JobScanConfig } from './config.js';
import { durationInWords, parseDuration } from './duration.js';
import type { ConfigProblem } from './errors.js';

export interface ConfigEnvironment {
  /** Instead of `scan_interval`. */
  scanInterval?: string;
  /** Recipients of profiles that name none. */
  alertToEmail?: readonly string[];
}

const MIN_INTERVAL = 300;
const MAX_INTERVAL = 86_400;

/** All of them, for the same report as those of the file. */
export function environmentProblems({ scanInterval, alertToEmail = [] }: ConfigEnvironment): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (scanInterval !== undefined) {
    try {
      const seconds = parseDuration(scanInterval);
      if (seconds < MIN_INTERVAL || seconds > MAX_INTERVAL) problems.push({ path: 'SCAN_INTERVAL', message: `"${scanInterval}" must be from ${durationInWords(MIN_INTERVAL)} to ${durationInWords(MAX_INTERVAL)}` });
    } catch (error) {
      problems.push({ path: 'SCAN_INTERVAL', message: (error as Error).message });
    }
  }
  for (const address of alertToEmail) {
    const problem = addressProblem(address);
    if (problem !== undefined) problems.push({ path: 'ALERT_TO_EMAIL', message: problem });
  }
  return problems;
}

export function withEnvironment(config: JobScanConfig, { scanInterval, alertToEmail = [] }: ConfigEnvironment): JobScanConfig {
  const profiles = config.profiles.map((profile) => (profile.recipients.length > 0 ? profile : { ...profile, recipients: [...alertToEmail] }));
  const silent = profiles.filter(({ recipients }) => recipients.length === 0);
  return {
    ...config,
    ...(scanInterval !== undefined && { scanIntervalSeconds: parseDuration(scanInterval) }),
    profiles,
    warnings: [...config.warnings, ...silent.map(({ name }) => `profile "${name}" has no recipients, so its matches are recorded and nobody is told: write recipients, or set ALERT_TO_EMAIL`)],
  };
}

/** As the notifier takes them: an address without a name, and nothing that a header could be made of. */
export function addressProblem(address: string): string | undefined {
  return /^[^\s@<>()[\]\\,;:"]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u.test(address) ? undefined : `"${address}" is no e-mail address`;
}

/** An address, or a name such as `channel:jobs` whose address the notifier knows. */
export const recipientProblem = (recipient: string): string | undefined => (recipient.includes(':') ? undefined : addressProblem(recipient));
