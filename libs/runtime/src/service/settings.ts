/** What every service process reads from its environment. */
import { IsIn, IsInt, IsNotEmpty, IsNumber, IsOptional, IsString, Matches, Max, Min, MinLength } from 'class-validator';
import { Setting } from '@carillon/settings';

export class ServiceSettings {
  @Setting('DATABASE_URL', 'Where Postgres is: postgres://user:password@host:port/name.', { secret: true })
  @IsString()
  @IsNotEmpty()
  databaseUrl = '';

  @Setting('NATS_URL', 'Where NATS is: nats://user:password@host:port.', { secret: true })
  @IsString()
  @IsNotEmpty()
  natsUrl = '';

  @Setting('HTTP_HOST', 'The address that the HTTP API listens on.')
  @IsString()
  httpHost = '127.0.0.1';

  @Setting('HTTP_PORT', 'The port that the HTTP API listens on; 0 takes a free one.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  httpPort = 0;

  @Setting('HTTP_TRUSTED_PROXIES', 'Addresses or networks of the reverse proxies in front of this service, comma separated: what they say of who asks is believed. Blank: nobody.')
  @IsString({ each: true })
  httpTrustedProxies: string[] = [];

  @Setting('HTTP_BODY_LIMIT_BYTES', 'The largest request body that is read.')
  @IsInt()
  @Min(1_024)
  httpBodyLimitBytes = 16 * 1024 * 1024;

  @Setting('DB_POOL_SIZE', 'Database connections of this process at most.')
  @IsInt()
  @Min(2)
  @Max(200)
  dbPoolSize = 10;

  @Setting('DB_STATEMENT_TIMEOUT_MS', 'The database cancels a statement after this.')
  @IsInt()
  @Min(100)
  dbStatementTimeoutMs = 30_000;

  @Setting('STEP_LEASE_SECONDS', 'A step whose worker was silent for this long is taken over.')
  @IsInt()
  @Min(3)
  stepLeaseSeconds = 30;

  @Setting('STEP_CONCURRENCY', 'Steps that this process works on at once.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  stepConcurrency = 32;

  @Setting('STEP_CONCURRENCY_OVERALL', 'Steps of this service that are worked on at once over all its processes; 0 for no limit.')
  @IsInt()
  @Min(0)
  @Max(100_000)
  stepConcurrencyOverall = 0;

  @Setting('SHUTDOWN_GRACE_SECONDS', 'How long a stopping service waits for what it is doing.')
  @IsInt()
  @Min(0)
  shutdownGraceSeconds = 10;

  @Setting('METRICS_TOKEN', 'What a scraper of /metrics sends as its bearer token. Without one /metrics is open on a loopback HTTP_HOST and needs an API key with the right "read" elsewhere.', { secret: true })
  @IsOptional()
  @IsString()
  @MinLength(16)
  metricsToken?: string;

  @Setting('OTEL_EXPORTER_OTLP_ENDPOINT', 'Where an OpenTelemetry collector takes traces over OTLP/HTTP, such as http://collector:4318. Without it nothing is traced.')
  @IsOptional()
  @IsString()
  @Matches(/^https?:\/\/\S+$/, { message: 'it is an http or https URL' })
  traceEndpoint?: string;

  @Setting('OTEL_TRACES_SAMPLER_ARG', 'Share of the traces that begin here and are kept, from 0 to 1.')
  @IsNumber()
  @Min(0)
  @Max(1)
  traceRatio = 1;

  @Setting('RUN_HISTORY_MONTHS', 'Months of runs and steps that are kept besides the current one; older ones are dropped by the scheduler. 0 keeps everything.')
  @IsInt()
  @Min(0)
  @Max(1_200)
  runHistoryMonths = 13;

  @Setting('ARCHIVE_DIR', 'A folder into which the scheduler writes a month as gzipped JSON Lines before it drops it. Without one it is only dropped.')
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  archiveDir?: string;

  @Setting('LOG_LEVEL', 'trace, debug, info, warn, error or fatal.')
  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
  logLevel = 'info';

  @Setting('LOG_FORMAT', 'json for machines, pretty for people.')
  @IsIn(['json', 'pretty'])
  logFormat = process.stdout.isTTY ? 'pretty' : 'json';
}
