/** A person's own memories, their images and tags. */
import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, ParseUUIDPipe, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { changeMemory, confirmTags, createImage, createMemory, deleteMemory, getMemory, listMemories, readImage, removeTag, setTags } from '@carillon/memory';
import type { MemoryServices, MemoryView } from '@carillon/memory';
import { Problem } from '@carillon/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DeleteQuery, MemoriesQuery, MemoryBody, MemoryChange, TagsBody } from './bodies.js';
import { Me, MEMORY, OwnOnly } from './own-only.js';

@OwnOnly()
@Controller('memory/memories')
export class MemoriesController {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  @Post()
  create(@Me() me: string, @Body() body: MemoryBody): Promise<MemoryView> {
    return createMemory(this.services, me, body);
  }

  /** The image itself is the body; its caption is a header, percent-encoded. It waits for being confirmed. */
  @Post('images')
  @ApiConsumes('image/jpeg', 'image/png', 'image/gif', 'image/webp')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  upload(@Me() me: string, @Req() request: FastifyRequest, @Headers('x-caption') caption?: string): Promise<MemoryView> {
    if (!Buffer.isBuffer(request.body)) throw new Problem(415, 'send the image itself as the body, with its own content type, such as image/jpeg');
    return createImage(this.services, me, request.body, { ...(caption !== undefined && { caption: decoded(caption) }) });
  }

  @Get()
  list(@Me() me: string, @Query() { pinned, ...page }: MemoriesQuery): Promise<MemoryView[]> {
    return listMemories(this.services, me, { ...page, ...(pinned !== undefined && { pinned: pinned === 'true' }) });
  }

  @Get(':id')
  get(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<MemoryView> {
    return getMemory(this.services, me, id);
  }

  @Get(':id/image')
  async image(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const { type, bytes } = await readImage(this.services, me, id);
    void reply.header('content-type', type).header('x-content-type-options', 'nosniff').header('cache-control', 'private, no-store');
    return bytes;
  }

  @Patch(':id')
  change(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Body() body: MemoryChange): Promise<MemoryView> {
    return changeMemory(this.services, me, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Query() { dependents }: DeleteQuery): Promise<void> {
    return deleteMemory(this.services, me, id, dependents === 'delete');
  }

  @Post(':id/tags')
  @HttpCode(200)
  async tag(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Body() { tags, status }: TagsBody): Promise<MemoryView> {
    await setTags(this.services, me, id, tags, status ?? 'confirmed');
    return getMemory(this.services, me, id);
  }

  /** Every tag that is still a suggestion. */
  @Post(':id/tags/confirmation')
  @HttpCode(200)
  async confirm(@Me() me: string, @Param('id', ParseUUIDPipe) id: string): Promise<MemoryView> {
    await confirmTags(this.services, me, id);
    return getMemory(this.services, me, id);
  }

  @Delete(':id/tags/:tag')
  @HttpCode(204)
  untag(@Me() me: string, @Param('id', ParseUUIDPipe) id: string, @Param('tag') tag: string): Promise<void> {
    return removeTag(this.services, me, id, tag);
  }
}

function decoded(caption: string): string {
  try {
    return decodeURIComponent(caption);
  } catch {
    throw new Problem(400, 'X-Caption is not percent-encoded UTF-8', [{ field: 'X-Caption', message: 'encode it as in a URL' }]);
  }
}
