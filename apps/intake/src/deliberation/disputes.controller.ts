/** Contesting how a text was understood or grouped, with the answer and its figures. Judged at once, by the published rules. */
import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, UseGuards } from '@nestjs/common';
import { clusterDisputes, openDispute, ownDisputes } from '@carillon/deliberation';
import type { DeliberationServices, DisputeListing, DisputeRefusal } from '@carillon/deliberation';
import { Problem } from '@carillon/runtime';
import { Person, PersonGuard } from './person.guard.js';

export const DELIBERATION_SERVICES = Symbol('deliberation services');

class SubmissionDisputeBody {
  @IsUUID() submissionId!: string;
  @IsIn(['misunderstood', 'wrong_group']) kind!: 'misunderstood' | 'wrong_group';
  /** What the person adds in its own words; private. */
  @IsOptional() @IsString() @MaxLength(2_000) note?: string;
}

class ClusterDisputeBody {
  @IsIn(['not_one_concern', 'misleading_title']) kind!: 'not_one_concern' | 'misleading_title';
  @IsOptional() @IsString() @MaxLength(2_000) note?: string;
}

const REFUSALS: Record<DisputeRefusal, [number, string]> = {
  not_found: [404, 'you have no such submission, or there is no such cluster'],
  on_a_ballot: [409, 'people are voting on it as it is; dispute it when the ballot is counted'],
  already_open: [409, 'your dispute of it is being judged'],
  not_eligible: [403, 'you may dispute a group once your e-mail and messaging are verified and have been linked for a while'],
  personal_data: [422, 'the note seems to hold personal data; remove it'],
  nothing_to_dispute: [409, 'it is not open any more, or in no group'],
};

@Controller('deliberation')
export class DisputesController {
  constructor(@Inject(DELIBERATION_SERVICES) private readonly services: DeliberationServices) {}

  @UseGuards(PersonGuard)
  @Get('me/disputes')
  own(@Person() accountId: string): Promise<DisputeListing[]> {
    return ownDisputes(this.services.dataSource, accountId);
  }

  @UseGuards(PersonGuard)
  @Post('me/disputes')
  @HttpCode(200)
  disputeSubmission(@Person() accountId: string, @Body() body: SubmissionDisputeBody): Promise<DisputeListing> {
    return this.#dispute({ accountId, ...body });
  }

  @UseGuards(PersonGuard)
  @Post('clusters/:id/disputes')
  @HttpCode(200)
  disputeCluster(@Person() accountId: string, @Param('id', ParseUUIDPipe) clusterId: string, @Body() body: ClusterDisputeBody): Promise<DisputeListing> {
    return this.#dispute({ accountId, clusterId, ...body });
  }

  /** What was disputed about a group, and what came of it; not by whom. */
  @Get('clusters/:id/disputes')
  ofCluster(@Param('id', ParseUUIDPipe) clusterId: string): Promise<DisputeListing[]> {
    return clusterDisputes(this.services.dataSource, clusterId);
  }

  async #dispute(dispute: Parameters<typeof openDispute>[1]): Promise<DisputeListing> {
    const result = await openDispute(this.services, dispute);
    if (result.kind === 'refused') throw new Problem(...REFUSALS[result.reason]);
    return result.dispute;
  }
}
