/** People, as an operator vouches for them, and what their own programs sign in with. */
import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Put, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { issueAccessKey, registerPerson, revokeAccessKeys } from '@carillon/memory';
import type { MemoryServices, PersonView } from '@carillon/memory';
import { Needs } from '@carillon/runtime';
import { PersonBody } from './bodies.js';
import { MEMORY, MemoryProblems } from './own-only.js';

@ApiBearerAuth()
@Needs('operate')
@UseInterceptors(MemoryProblems)
@Controller('memory/users')
export class PeopleController {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  @Put(':id')
  register(@Param('id') id: string, @Body() { display_name: displayName, is_allowed: allowed }: PersonBody): Promise<PersonView> {
    return registerPerson(this.services, id, { ...(displayName !== undefined && { displayName }), ...(allowed !== undefined && { allowed }) });
  }

  /** Shown once. */
  @Post(':id/keys')
  async issue(@Param('id') id: string): Promise<{ key: string }> {
    return { key: await issueAccessKey(this.services, id) };
  }

  @Delete(':id/keys')
  @HttpCode(200)
  async revoke(@Param('id') id: string): Promise<{ revoked: number }> {
    return { revoked: await revokeAccessKeys(this.services, id) };
  }
}
