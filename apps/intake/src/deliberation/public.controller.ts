/** What anyone may read: groups, the open ballot, past results. */
import { IsIn, IsOptional } from 'class-validator';
import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { currentCycle, listClusters, pastCycles } from '@carillon/deliberation';
import type { ClusterListing, CycleListing } from '@carillon/deliberation';
import { Problem } from '@carillon/runtime';
import { DataSource } from 'typeorm';

const STATUSES = ['open', 'dormant', 'archived'] as const;

class ClustersQuery {
  @IsOptional() @IsIn(STATUSES) status?: (typeof STATUSES)[number];
}

@Controller('deliberation')
export class PublicController {
  constructor(private readonly dataSource: DataSource) {}

  /** Those that are open; with `?status=dormant` those that sleep, with `archived` those that ended. */
  @Get('clusters')
  clusters(@Query() { status }: ClustersQuery): Promise<ClusterListing[]> {
    return listClusters(this.dataSource, status === undefined ? {} : { status });
  }

  @Get('clusters/:id')
  async cluster(@Param('id', ParseUUIDPipe) id: string): Promise<ClusterListing> {
    const [cluster] = await listClusters(this.dataSource, { id });
    if (!cluster) throw new Problem(404, `there is no cluster ${id}`);
    return cluster;
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
