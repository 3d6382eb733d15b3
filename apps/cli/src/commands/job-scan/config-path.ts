/** Which configuration a command works with: the one that is named, that of the service, or the one that lies here. */
import { existsSync } from 'node:fs';
import { ConfigFile, JobScanSettings } from '@carillon/job-scan';
import { readSettings } from '@carillon/settings';

const USUAL = ['config.yaml', 'config/config.yaml'];

/** Loaded. @throws InvalidConfig, or Error when there is none */
export function configFile(named: string | undefined): ConfigFile {
  const settings = readSettings(JobScanSettings);
  const path = named ?? settings.jobScanConfig ?? USUAL.find((one) => existsSync(one));
  if (path === undefined) throw new Error(`no configuration: say --config FILE, set JOB_SCAN_CONFIG, or write ${USUAL.join(' or ')}`);
  const file = new ConfigFile(path, settings);
  if (!file.load()) throw new Error(`there is no file ${path}`);
  return file;
}
