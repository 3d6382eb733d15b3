/** Structured logs: JSON for machines, one readable line for people, and never a secret. */
import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { pino } from 'pino';
import { pretty } from './pretty.js';
import type { ServiceSettings } from './settings.js';

/** Field names that never reach a log, at the top and one level down. */
const SECRET = ['authorization', 'password', 'token', 'apiKey', 'key', 'databaseUrl', 'natsUrl', 'raw_text', 'rawText', 'text'];

export function createLogger(service: string, settings: Pick<ServiceSettings, 'logLevel' | 'logFormat'>): Logger {
  const redact = { paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.headers.${name}`]), censor: '(secret)' };
  const options = { level: settings.logLevel, base: { service }, redact, timestamp: pino.stdTimeFunctions.isoTime };
  return settings.logFormat === 'pretty' ? pino(options, pretty()) : pino(options);
}

/** What Nest itself says; its chatter about routes is for debugging. */
export function nestLogger(log: Logger): LoggerService {
  const words = (message: unknown): string => (message instanceof Error ? message.message : String(message));
  return {
    log: (message: unknown) => log.debug(words(message)),
    verbose: (message: unknown) => log.trace(words(message)),
    debug: (message: unknown) => log.debug(words(message)),
    warn: (message: unknown) => log.warn(words(message)),
    error: (message: unknown) => log.error(words(message)),
    fatal: (message: unknown) => log.fatal(words(message)),
  };
}
