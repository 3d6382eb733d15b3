/** Routes for people themselves: a session in a cookie that no script can read, and no request of another site can use. */
import { createParamDecorator, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { SignIn } from '@carillon/deliberation';
import { Problem } from '@carillon/runtime';
import type { FastifyRequest } from 'fastify';
import { PublicPlace } from './public-place.js';

export const SESSION_COOKIE = 'carillon_session';

const people = new WeakMap<FastifyRequest, string>();

/** The account of the person who asks, in a handler behind `PersonGuard`. */
export const Person = createParamDecorator((_data: unknown, context: ExecutionContext): string | undefined => people.get(context.switchToHttp().getRequest<FastifyRequest>()));

@Injectable()
export class PersonGuard implements CanActivate {
  constructor(
    private readonly signIn: SignIn,
    private readonly place: PublicPlace,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    refuseForeignOrigin(request, this.place);
    const session = sessionIn(request);
    const accountId = session === undefined ? undefined : await this.signIn.holder(session);
    if (accountId === undefined) throw new Problem(401, 'sign in first: POST /deliberation/auth/links sends you a link');
    people.set(request, accountId);
    return true;
  }
}

export function sessionIn({ headers: { cookie } }: FastifyRequest): string | undefined {
  return new RegExp(`(?:^|;\\s*)${SESSION_COOKIE}=([\\w-]{20,200})(?:;|$)`).exec(cookie ?? '')?.[1];
}

/** A browser names the site that a changing request comes from. SameSite keeps the cookie back already; this also holds where the two share a domain. */
export function refuseForeignOrigin({ method, headers }: FastifyRequest, { origin }: PublicPlace): void {
  if (method === 'GET' || method === 'HEAD') return;
  const { origin: from, host } = headers;
  if (from === undefined || from === origin) return;
  if (URL.canParse(from) && new URL(from).host === host) return;
  throw new Problem(403, 'this request comes from another site');
}
