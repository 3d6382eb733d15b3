/** Where a group came from, what changed between two runs, and whether a grouping can be made again. Public, as the concerns are; only making one again wants a key, as it costs. */
import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { clusterStory, diffClusterings, findClustering, labellingOf, listClusterings, NotFound, reproduceClustering } from '@carillon/deliberation';
import type { ClusteringDiff, ClusteringListing, ClusterStory, Reproduction } from '@carillon/deliberation';
import { Needs, Problem } from '@carillon/runtime';
import { DataSource } from 'typeorm';

@Controller('deliberation')
export class GroupingsController {
  constructor(private readonly dataSource: DataSource) {}

  @Get('clusters/:id/history')
  async history(@Param('id', ParseUUIDPipe) id: string): Promise<ClusterStory> {
    const story = await clusterStory(this.dataSource, id);
    if (!story) throw new Problem(404, `there is no cluster ${id}`);
    return story;
  }

  @Get('clusterings')
  clusterings(): Promise<ClusteringListing[]> {
    return listClusterings(this.dataSource);
  }

  /** `labels`: candidate id to group, −1 for none. */
  @Get('clusterings/:id')
  clustering(@Param('id', ParseUUIDPipe) id: string): Promise<ClusteringListing & { labels: Record<string, number> }> {
    return orNotFound(async () => {
      const clustering = await findClustering(this.dataSource, id);
      return { ...clustering, labels: Object.fromEntries(await labellingOf(this.dataSource, clustering.id)) };
    });
  }

  @Get('clusterings/:before/diff/:after')
  diff(@Param('before', ParseUUIDPipe) before: string, @Param('after', ParseUUIDPipe) after: string): Promise<ClusteringDiff> {
    return orNotFound(() => diffClusterings(this.dataSource, before, after));
  }

  @ApiBearerAuth()
  @Needs('operate')
  @Post('clusterings/:id/reproduction')
  @HttpCode(200)
  reproduction(@Param('id', ParseUUIDPipe) id: string): Promise<Reproduction> {
    return orNotFound(() => reproduceClustering(this.dataSource, id));
  }
}

async function orNotFound<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NotFound) throw new Problem(404, error.message);
    throw error;
  }
}
