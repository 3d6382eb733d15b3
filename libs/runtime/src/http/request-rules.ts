/** What reaches an HTTP handler is an instance of its class, checked field by field, with nothing in it that is unknown or that no database can keep. */
import { ValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { Problem } from './problem.js';
import type { FieldProblem } from './problem.js';

export function requestValidationPipe(): ValidationPipe {
  return new RequestPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors: ValidationError[]) => invalid(errors.flatMap((error) => fieldProblems(error))),
  });
}

class RequestPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    try {
      const request: unknown = await super.transform(value, metadata);
      const problems = metadata.type === 'custom' || metadata.metatype === Object ? [] : unstorableFields(request);
      if (problems.length > 0) throw invalid(problems);
      return request;
    } catch (error) {
      // The depth is the sender's choice, and checks of whatever kind walk it.
      if (error instanceof RangeError) throw new Problem(400, 'the request is nested too deeply');
      throw error;
    }
  }
}

const invalid = (problems: FieldProblem[]): Problem => new Problem(400, 'the request is not valid; see "errors"', problems);

/** Fields that Postgres refuses as text or JSON. The lines of a list are left to whoever answers them one by one. */
function unstorableFields(request: unknown): FieldProblem[] {
  if (typeof request !== 'object' || request === null) return [];
  const refused = Object.entries(request).filter(([, value]) => !Array.isArray(value) && isUnstorable(value));
  return refused.map(([field]) => ({ field, message: 'holds a NUL or half of a surrogate pair: remove it' }));
}

function isUnstorable(value: unknown): boolean {
  if (typeof value === 'string') return /\0|\p{Surrogate}/u.test(value);
  return typeof value === 'object' && value !== null && Object.entries(value).some(([key, item]) => isUnstorable(key) || isUnstorable(item));
}

function fieldProblems(error: ValidationError, path = error.property): FieldProblem[] {
  const own = Object.entries(error.constraints ?? {}).map(([rule, text]) => ({ field: path, message: rule === 'whitelistValidation' ? 'is not a field of this request' : text }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, `${path}.${child.property}`))];
}
