/** What the groups, ballots and results can be checked with, by anyone and without us: the chain, its daily roots, and the proof of a single entry. */
import { Readable } from 'node:stream';
import { Controller, Get, Param, ParseIntPipe, Query, Res } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { exportEvidence, listEvidenceRoots, proveEvidence, verifyEvidence } from '@carillon/deliberation';
import type { DailyRoot, EvidenceProof, RootPublication } from '@carillon/deliberation';
import { Needs, Problem } from '@carillon/runtime';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';

class ExportQuery {
  /** The position of the last entry that one has already. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) after?: number;
}

/** Positions are counted from 1, and stay far below this. */
const LAST_POSITION = Number.MAX_SAFE_INTEGER;

@Controller('deliberation/evidence')
export class EvidenceController {
  constructor(private readonly dataSource: DataSource) {}

  /** The chain, one entry a line, exactly as it was hashed; streamed, however long it is. */
  @Get()
  export(@Query() { after = 0 }: ExportQuery, @Res() reply: FastifyReply): void {
    const lines = async function* (dataSource: DataSource): AsyncGenerator<string> {
      for await (const entry of exportEvidence(dataSource, { after })) yield `${JSON.stringify(entry)}\n`;
    };
    void reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(Readable.from(lines(this.dataSource)));
  }

  /** One root for each past day, oldest first, with what became of it at the witnesses. */
  @Get('roots')
  roots(): Promise<(DailyRoot & { publications: RootPublication[] })[]> {
    return listEvidenceRoots(this.dataSource);
  }

  /** The way from the entry at a position to its day's root. Compare the root with one that a witness gave you, not with ours. */
  @Get(':position/proof')
  async proof(@Param('position', ParseIntPipe) position: number): Promise<EvidenceProof> {
    if (position < 1 || position > LAST_POSITION) throw new Problem(404, `there is no entry ${position}: positions are counted from 1`);
    const proof = await proveEvidence(this.dataSource, position);
    if (proof === 'no_such_entry') throw new Problem(404, `there is no entry ${position}: the chain is shorter, or it waits for its seal`);
    if (proof === 'no_root_yet') throw new Problem(409, `entry ${position} is under no root yet: its day gets one within minutes after midnight UTC`);
    return proof;
  }

  /** Reads the whole chain, so it wants a key; anyone can check the export on their own machine. */
  @ApiBearerAuth()
  @Needs('read')
  @Get('verification')
  verification(): ReturnType<typeof verifyEvidence> {
    return verifyEvidence(this.dataSource);
  }
}
