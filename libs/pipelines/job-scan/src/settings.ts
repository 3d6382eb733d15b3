/** What of job scan is said by the environment. Everything else is in the file that it names. */
import { Setting } from '@carillon/settings';
import { IsNumber, IsOptional, IsString, Min } from 'class-validator';

export class JobScanSettings {
  @Setting('JOB_SCAN_CONFIG', 'The configuration file of the job scan (YAML). Blank, or no such file: it rests.') @IsOptional() @IsString() jobScanConfig?: string;
  @Setting('SCAN_INTERVAL', 'Instead of the file\'s scan_interval, such as 15m.') @IsOptional() @IsString() scanInterval?: string;
  @Setting('ALERT_TO_EMAIL', 'Recipients of profiles that name none, comma separated.') alertToEmail: string[] = [];
  @Setting('JOB_SCAN_RELOAD_SECONDS', 'How often the file is looked at for changes.') @IsNumber() @Min(0.1) jobScanReloadSeconds = 5;
}
