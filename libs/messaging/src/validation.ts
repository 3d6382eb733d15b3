/**
 * The one global rule for what reaches a handler: an instance of the message class, checked by its class-validator fields, with nothing
 * unknown in it; and errors that reach the strategy as they were thrown.
 */
import { Catch, ValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata, ExceptionFilter, INestMicroservice } from '@nestjs/common';
import * as classTransformer from 'class-transformer';
import * as classValidator from 'class-validator';
import type { ValidationError } from 'class-validator';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import { MOST_RUNS_A_MESSAGE, RunRequest, RunRequestMany, StepDue } from '@carillon/shared';
import { InvalidMessage } from './errors.js';
import { quickCheckOf, quickListCheckOf } from './quick-check.js';
import type { QuickCheck } from './quick-check.js';

/** The messages of the hot path: there is one of them for every run. */
const OFTEN: ReadonlyMap<unknown, QuickCheck> = new Map<unknown, QuickCheck>([
  ...[StepDue, RunRequest].map((type) => [type, quickCheckOf(type)] as const),
  [RunRequestMany, quickListCheckOf(RunRequestMany, 'runs', RunRequest, MOST_RUNS_A_MESSAGE)],
]);

/** Gives a microservice the pipe and the filter. A connected one must be made with `deferInitialization`, or Nest ignores both. */
export function useMessageRules(microservice: Pick<INestMicroservice, 'useGlobalPipes' | 'useGlobalFilters'>): void {
  microservice.useGlobalPipes(messageValidationPipe());
  microservice.useGlobalFilters(new OriginalErrors());
}

/** Turns a payload into an instance of the handler's message class. @throws InvalidMessage naming every field that is wrong or unknown. */
export function messageValidationPipe(): ValidationPipe {
  return new MessageValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    stopAtFirstError: false,
    validatorPackage: classValidator,
    transformerPackage: classTransformer,
    exceptionFactory: (errors: ValidationError[]) => new InvalidMessage('message', fewOf(errors.flatMap((error) => problemsOf(error)))),
  });
}

/** Nest replaces unknown errors by "Internal server error" before a transport sees them; this hands over what was thrown. */
@Catch()
export class OriginalErrors implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

class MessageValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // The context is ours, not the sender's.
    if (metadata.type !== 'body') return value;
    const quick = OFTEN.get(metadata.metatype)?.(value);
    if (quick) return quick;
    const messageType = metadata.metatype?.name ?? 'message';
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (error instanceof InvalidMessage) throw new InvalidMessage(messageType, error.problems);
      if (error instanceof RangeError) throw new InvalidMessage(messageType, ['it is nested too deeply'], error);
      throw error;
    }
  }
}

/** `content.items.0: must be a string`: the whole path, then what is wrong. */
function problemsOf(error: ValidationError, path = error.property.slice(0, 100)): string[] {
  const own = Object.entries(error.constraints ?? {}).map(([rule, text]) => (rule === 'whitelistValidation' ? `unknown field "${path}"` : `${path}: ${text.slice(0, 300)}`));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, `${path}.${child.property}`.slice(0, 200)))];
}

/** A sender can break the contract a thousand times in one message; the first twenty tell him enough. */
function fewOf(problems: string[]): string[] {
  return problems.length <= 20 ? problems : [...problems.slice(0, 20), `and ${problems.length - 20} more`];
}
