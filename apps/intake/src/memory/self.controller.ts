/** What a person may ask about everything of theirs: settings, search, audit, and all of it to take away. */
import { Readable } from 'node:stream';
import { Body, Controller, Get, Inject, Put, Query, Res } from '@nestjs/common';
import { auditOf, changeSettings, exportPerson, readSettingsOf, searchMemories } from '@carillon/memory';
import type { AuditView, MemoryServices, SearchHit, SettingsView } from '@carillon/memory';
import type { FastifyReply } from 'fastify';
import { AuditQuery, SearchQuery, SettingsBody } from './bodies.js';
import { Me, MEMORY, OwnOnly } from './own-only.js';

@OwnOnly()
@Controller('memory')
export class SelfController {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  @Get('settings')
  settings(@Me() me: string): Promise<SettingsView> {
    return readSettingsOf(this.services, me);
  }

  @Put('settings')
  change(@Me() me: string, @Body() body: SettingsBody): Promise<SettingsView> {
    return changeSettings(this.services, me, body);
  }

  @Get('search')
  search(@Me() me: string, @Query() { q, pinned, limit }: SearchQuery): Promise<SearchHit[]> {
    return searchMemories(this.services, me, { ...(q !== undefined && { q }), pinned: pinned === 'true', ...(limit !== undefined && { limit }) });
  }

  @Get('audit')
  audit(@Me() me: string, @Query() { entity_type: entityType, entity_id: entityId, ...rest }: AuditQuery): Promise<AuditView[]> {
    return auditOf(this.services, me, { ...rest, ...(entityType !== undefined && { entityType }), ...(entityId !== undefined && { entityId }) });
  }

  /** One JSON object a line; streamed, however much it is. */
  @Get('export')
  export(@Me() me: string, @Res() reply: FastifyReply): void {
    void reply.header('content-type', 'application/x-ndjson; charset=utf-8').header('cache-control', 'private, no-store').send(Readable.from(exportPerson(this.services, me)));
  }
}
