/**
 * Who a person is that calls: by a key of their own, which an operator issued. Everything behind it sees that person's things and nobody else's; what belongs to others is not there, so that
 * nobody learns which ids exist.
 */
import { applyDecorators, createParamDecorator, Inject, Injectable, UseGuards, UseInterceptors } from '@nestjs/common';
import type { CallHandler, CanActivate, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { Conflict, InvalidField, NotFound, personOfKey } from '@carillon/memory';
import type { MemoryServices } from '@carillon/memory';
import { Problem } from '@carillon/runtime';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { catchError } from 'rxjs';

export const MEMORY = Symbol('memory');

const people = new WeakMap<FastifyRequest, string>();
const requestOf = (context: ExecutionContext): FastifyRequest => context.switchToHttp().getRequest<FastifyRequest>();

/** The id of the person that calls. */
export const Me = createParamDecorator((_data: unknown, context: ExecutionContext): string | undefined => people.get(requestOf(context)));

@Injectable()
export class PersonGuard implements CanActivate {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context);
    const [, key] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (key === undefined) throw new Problem(401, 'send your own key as "Authorization: Bearer mem_…"; an operator issues it');
    const person = await personOfKey(this.services, key);
    if (person === undefined) throw new Problem(401, 'this key is not known, or was revoked');
    people.set(request, person);
    return true;
  }
}

/** What the pipeline refuses, as problem+json. */
@Injectable()
export class MemoryProblems implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        throw problemOf(error);
      }),
    );
  }
}

export function problemOf(error: unknown): unknown {
  if (error instanceof NotFound) return new Problem(404, error.message);
  if (error instanceof Conflict) return new Problem(409, error.message);
  if (error instanceof InvalidField) return new Problem(400, error.message, [{ field: error.field, message: error.message }]);
  return error;
}

export const OwnOnly = (): ClassDecorator & MethodDecorator => applyDecorators(ApiBearerAuth(), UseGuards(PersonGuard), UseInterceptors(MemoryProblems));
