/** Who may do what over HTTP: a bearer API key with the right that the route names. Routes that name none are public. */
import { createParamDecorator, Injectable, SetMetadata } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { holderOf } from '@carillon/persistence';
import type { KeyHolder, Right } from '@carillon/persistence';
import type { FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';
import { Problem } from './problem.js';

const RIGHT = 'carillon:right';

/** The right that a caller's key must have for this route. */
export const Needs = (right: Right): ClassDecorator & MethodDecorator => SetMetadata(RIGHT, right);

/** The caller's key, in a handler of a route that needs a right. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): KeyHolder | undefined => callerOf(context.switchToHttp().getRequest<FastifyRequest>()));

const callers = new WeakMap<FastifyRequest, KeyHolder>();
const callerOf = (request: FastifyRequest): KeyHolder | undefined => callers.get(request);

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const right = this.reflector.getAllAndOverride<Right | undefined>(RIGHT, [context.getHandler(), context.getClass()]);
    if (right === undefined) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const [, key] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (key === undefined) throw new Problem(401, 'send your API key as "Authorization: Bearer …"');
    const holder = await holderOf(this.dataSource, key);
    if (!holder) throw new Problem(401, 'this API key is not known, or was revoked');
    if (!holder.rights.includes(right)) throw new Problem(403, `the key "${holder.name}" lacks the right "${right}"; it has ${holder.rights.join(', ') || 'none'}`);
    callers.set(request, holder);
    return true;
  }
}
