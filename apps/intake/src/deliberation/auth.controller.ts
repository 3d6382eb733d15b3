/** Registering and signing in: a link by e-mail, a page that asks to use it, and the session that it begins. */
import { IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { SignIn } from '@carillon/deliberation';
import { Problem } from '@carillon/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuseForeignOrigin, SESSION_COOKIE, sessionIn } from './person.guard.js';
import { PublicPlace } from './public-place.js';
import { VERIFY_PAGE, VERIFY_PAGE_POLICY } from './verify-page.js';

class LinkRequestBody {
  @IsString() @IsNotEmpty() @MaxLength(400) email!: string;
  @IsOptional() @IsIn(['en', 'fa']) locale?: 'en' | 'fa';
}

class VerifyBody {
  @IsString() @IsNotEmpty() @MaxLength(200) token!: string;
}

const SAID = {
  en: 'If this address can be used here, a link is on its way to it. It works once.',
  fa: 'اگر بتوان از این نشانی استفاده کرد، پیوندی برای آن فرستاده شد. این پیوند یک بار کار می‌کند.',
};

@Controller('deliberation/auth')
export class AuthController {
  constructor(
    private readonly signIn: SignIn,
    private readonly place: PublicPlace,
  ) {}

  /** The same answer for every address: who is known here is nobody's business. */
  @Post('links')
  @HttpCode(202)
  async links(@Body() { email, locale = 'en' }: LinkRequestBody, @Req() request: FastifyRequest): Promise<{ message: string }> {
    refuseForeignOrigin(request, this.place);
    const outcome = await this.signIn.requestLink({ email, ip: request.ip, locale });
    if (outcome === 'no_address') throw new Problem(400, 'this is no e-mail address', [{ field: 'email', message: 'must be an address such as name@example.org' }]);
    if (outcome === 'too_many') throw new Problem(429, 'too many links were asked for from here today; try again tomorrow');
    return { message: SAID[locale] };
  }

  /** What a link opens. It changes nothing yet: programs that look at letters open every link in them. */
  @Get('verify')
  page(@Res() reply: FastifyReply): void {
    void reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').header('content-security-policy', VERIFY_PAGE_POLICY).header('x-content-type-options', 'nosniff').send(VERIFY_PAGE);
  }

  @Post('verify')
  @HttpCode(200)
  async verify(@Body() { token }: VerifyBody, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<{ registered: boolean; expiresAt: Date }> {
    refuseForeignOrigin(request, this.place);
    const signedIn = await this.signIn.redeem(token);
    if (!signedIn) throw new Problem(401, 'this link is used, over, or none; ask for a new one');
    const { session, expiresAt, registered } = signedIn;
    this.#setCookie(reply, session, Math.floor((expiresAt.getTime() - Date.now()) / 1_000));
    return { registered, expiresAt };
  }

  @Post('logout')
  @HttpCode(204)
  async logout(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    refuseForeignOrigin(request, this.place);
    const session = sessionIn(request);
    if (session !== undefined) await this.signIn.signOut(session);
    this.#setCookie(reply, '', 0);
  }

  #setCookie(reply: FastifyReply, value: string, maxAge: number): void {
    void reply.header('set-cookie', `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${this.place.secure ? '; Secure' : ''}`).header('cache-control', 'no-store');
  }
}
