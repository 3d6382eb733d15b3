/** What anyone may read: groups, the open ballot, past results, and the evidence to check them with. */
import { Readable } from 'node:stream';
import { Controller, Get, Param, ParseUUIDPipe, Res } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { currentCycle, exportEvidence, listClusters, pastCycles, verifyEvidence } from '@carillon/deliberation';
import type { ClusterListing, CycleListing } from '@carillon/deliberation';
import { Needs, Problem } from '@carillon/runtime';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';

@Controller('deliberation')
export class PublicController {
  constructor(private readonly dataSource: DataSource) {}

  @Get('clusters')
  clusters(): Promise<ClusterListing[]> {
    return listClusters(this.dataSource);
  }

  @Get('clusters/:id')
  async cluster(@Param('id', ParseUUIDPipe) id: string): Promise<ClusterListing> {
    for (const status of ['open', 'archived'] as const) {
      const [cluster] = await listClusters(this.dataSource, { id, status });
      if (cluster) return cluster;
    }
    throw new Problem(404, `there is no cluster ${id}`);
  }

  @Get('ballot')
  async ballot(): Promise<{ ballot: CycleListing | null }> {
    return { ballot: (await currentCycle(this.dataSource)) ?? null };
  }

  @Get('results')
  results(): Promise<CycleListing[]> {
    return pastCycles(this.dataSource);
  }

  /** The whole chain, one entry a line, exactly as it was hashed; streamed, however long it is. */
  @Get('evidence')
  evidence(@Res() reply: FastifyReply): void {
    const lines = async function* (dataSource: DataSource): AsyncGenerator<string> {
      for await (const entry of exportEvidence(dataSource)) yield `${JSON.stringify(entry)}\n`;
    };
    void reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(Readable.from(lines(this.dataSource)));
  }

  /** Reads the whole chain, so it wants a key; anyone can check the export on their own machine. */
  @ApiBearerAuth()
  @Needs('read')
  @Get('evidence/verification')
  verification(): ReturnType<typeof verifyEvidence> {
    return verifyEvidence(this.dataSource);
  }
}
