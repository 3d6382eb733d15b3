/** Lets images be sent as they are, as the body of a request, up to their own limit. Which of them are images is decided by their bytes, later. */
import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { MemoryServices } from '@carillon/memory';
import type { FastifyInstance } from 'fastify';
import { MEMORY } from './own-only.js';

const TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'application/octet-stream'];

@Injectable()
export class ImageBodies implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(MEMORY) private readonly services: MemoryServices,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addContentTypeParser(TYPES, { parseAs: 'buffer', bodyLimit: this.services.settings.memoryImageMaxBytes }, (_request, body, done) => done(null, body));
  }
}
