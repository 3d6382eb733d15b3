/** What reaches an HTTP handler is an instance of its class, checked field by field, with nothing unknown in it. */
import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { Problem } from './problem.js';
import type { FieldProblem } from './problem.js';

export function requestValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors: ValidationError[]) => new Problem(400, 'the request is not valid; see "errors"', errors.flatMap((error) => fieldProblems(error))),
  });
}

function fieldProblems(error: ValidationError, path = error.property): FieldProblem[] {
  const own = Object.entries(error.constraints ?? {}).map(([rule, text]) => ({ field: path, message: rule === 'whitelistValidation' ? 'is not a field of this request' : text }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, `${path}.${child.property}`))];
}
