/** People, as an operator vouches for them. */
import { IsBoolean, IsIn, IsISO8601, IsOptional, MaxLength } from 'class-validator';
import { Body, Controller, Param, Put } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { Accounts } from '@carillon/deliberation';
import { Needs, Problem } from '@carillon/runtime';

class AccountRequest {
  @IsOptional() @IsIn(['en', 'fa']) locale?: 'en' | 'fa';
  @IsOptional() @IsBoolean() emailVerified?: boolean;
  @IsOptional() @IsBoolean() messagingVerified?: boolean;
  /** When messaging was linked; the account's age counts from here. */
  @IsOptional() @IsISO8601() @MaxLength(40) linkedAt?: string;
}

@ApiBearerAuth()
@Needs('operate')
@Controller('deliberation/accounts')
export class AccountsController {
  constructor(private readonly accounts: Accounts) {}

  @Put(':ref')
  async register(@Param('ref') ref: string, @Body() { linkedAt, ...given }: AccountRequest): Promise<{ id: string; ref: string }> {
    if (!/^[\w.:/-]{1,64}$/.test(ref)) throw new Problem(400, 'ref must be 1 to 64 letters, digits or . _ : / -', [{ field: 'ref', message: 'has a character that is not allowed, or is too long' }]);
    const account = await this.accounts.register({ ref, ...given, ...(linkedAt !== undefined && { linkedAt: new Date(linkedAt) }) });
    return { id: account.id, ref: account.ref };
  }
}
