/** Structured logs: JSON for machines, one readable line for people, and never a secret. */
import type { LoggerService } from '@nestjs/common';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import { pino } from 'pino';
import { censored } from './censor.js';
import { pretty } from './pretty.js';
import type { ServiceSettings } from './settings.js';

/** @param destination where the lines go; standard output in the format of the settings unless told, then JSON */
export function createLogger(service: string, settings: Pick<ServiceSettings, 'logLevel' | 'logFormat'>, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level: settings.logLevel,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Errors are turned into fields by the formatter already.
    serializers: { err: (error: unknown) => error },
    formatters: { log: (fields) => censored(fields) as Record<string, unknown> },
    hooks: {
      logMethod(args, method) {
        // Sentences quote what was wrong with a URL; the credentials in it are nobody's business.
        return method.apply(this, args.map((part) => (typeof part === 'string' ? censored(part) : part)) as Parameters<typeof method>);
      },
    },
  };
  if (destination) return pino(options, destination);
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
