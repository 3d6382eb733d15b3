/** What anyone may read: groups, the open ballot, past results. */
import { Controller, Get, Param, ParseUUIDPipe } from '@nestjs/common';
import { currentCycle, listClusters, pastCycles } from '@carillon/deliberation';
import type { ClusterListing, CycleListing } from '@carillon/deliberation';
import { Problem } from '@carillon/runtime';
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
}
