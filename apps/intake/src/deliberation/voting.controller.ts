/** Endorsing and voting by people themselves. The rules are the pipeline's, asked in the transaction that writes, by the database's clock. */
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsString, IsUUID, Matches, ValidateNested } from 'class-validator';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, ParseUUIDPipe, Post, Put, UseGuards } from '@nestjs/common';
import { castVote, currentCycle, DeliberationSettings, endorsable, endorse, ownVote, withdrawEndorsement } from '@carillon/deliberation';
import type { BallotListing, Selection, VoteRefusal } from '@carillon/deliberation';
import { Problem } from '@carillon/runtime';
import { DataSource } from 'typeorm';
import { Person, PersonGuard } from './person.guard.js';

class SelectionBody implements Selection {
  @IsUUID() cluster_id!: string;
  @IsUUID() option_id!: string;
}

class VoteBody {
  @IsUUID() cycleId!: string;
  /** One option of each policy that this person has an opinion on; the others are left out. */
  @IsArray() @ArrayMaxSize(1_000) @ValidateNested({ each: true }) @Type(() => SelectionBody) selections!: SelectionBody[];
  /** The sender's own name of this vote; makes sending it again harmless. */
  @IsOptional() @IsString() @Matches(/^[\w.:-]{1,100}$/) key?: string;
}

const REFUSALS: Record<VoteRefusal, [number, string]> = {
  no_such_cycle: [404, 'there is no such ballot'],
  cycle_closed: [409, 'this ballot is closed'],
  not_eligible: [403, 'you may vote once your e-mail and messaging are verified and have been linked for a while, and you have submitted or endorsed something'],
  empty_vote: [422, 'a vote chooses an option of at least one policy'],
  not_on_ballot: [422, 'one of the policies is not on this ballot'],
  option_not_on_ballot: [422, 'one of the options is not on this ballot'],
  several_options_for_one_item: [422, 'a vote chooses one option of a policy'],
  vote_change_limit_reached: [429, 'this vote was changed as often as it may be; the last one counts'],
};

@Controller('deliberation')
export class VotingController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: DeliberationSettings,
  ) {}

  /** One policy of the open ballot with its options, counted from 1. */
  @Get('ballot/items/:position')
  async item(@Param('position', ParseIntPipe) position: number): Promise<{ cycleId: string; endsAt: Date; of: number; item: BallotListing }> {
    const cycle = await currentCycle(this.dataSource);
    const item = cycle?.items.find((one) => one.position === position);
    if (!cycle || !item) throw new Problem(404, cycle ? `the ballot has the policies 1 to ${cycle.items.length}` : 'no ballot is open');
    return { cycleId: cycle.id, endsAt: cycle.endsAt, of: cycle.items.length, item };
  }

  @UseGuards(PersonGuard)
  @Post('ballot/votes')
  async vote(@Person() accountId: string, @Body() { cycleId, selections, key }: VoteBody): Promise<{ voteId: string; changesLeft: number }> {
    const { minAccountAgeHours, requireContributionForVote, maxVoteSubmissionsPerCycle } = this.settings;
    const rules = { minAccountAgeHours, requireContribution: requireContributionForVote, maxVotes: maxVoteSubmissionsPerCycle };
    const result = await castVote(this.dataSource, { accountId, cycleId, selections, ...(key !== undefined && { requestKey: key }) }, rules);
    if (result.kind === 'refused') throw new Problem(...REFUSALS[result.reason]);
    const own = await ownVote(this.dataSource.manager, cycleId, accountId);
    return { voteId: result.voteId, changesLeft: Math.max(0, maxVoteSubmissionsPerCycle - (own?.cast ?? 0)) };
  }

  /** One's own vote on the open ballot. There is no receipt to show to anybody else. */
  @UseGuards(PersonGuard)
  @Get('me/vote')
  async own(@Person() accountId: string): Promise<{ cycleId: string; selections: Selection[]; changesLeft: number }> {
    const cycle = await currentCycle(this.dataSource);
    const own = cycle && (await ownVote(this.dataSource.manager, cycle.id, accountId));
    if (!cycle || !own) throw new Problem(404, cycle ? 'you have not voted on the open ballot' : 'no ballot is open');
    return { cycleId: cycle.id, selections: own.selections, changesLeft: Math.max(0, this.settings.maxVoteSubmissionsPerCycle - own.cast) };
  }

  /** The oldest concern that this person can still endorse; null when there is none. */
  @UseGuards(PersonGuard)
  @Get('me/endorsable')
  async next(@Person() accountId: string): Promise<{ next: object | null }> {
    return { next: (await endorsable(this.dataSource.manager, accountId)) ?? null };
  }

  @UseGuards(PersonGuard)
  @Put('clusters/:id/endorsement')
  async endorse(@Person() accountId: string, @Param('id', ParseUUIDPipe) clusterId: string): Promise<{ outcome: 'endorsed' | 'already_endorsed' }> {
    const outcome = await endorse(this.dataSource, { accountId, clusterId }, this.settings);
    if (outcome === 'no_such_cluster') throw new Problem(404, `there is no cluster ${clusterId}`);
    if (outcome === 'asleep') throw new Problem(409, 'this concern is asleep: no group holds it now, so it can not be endorsed until it wakes; the endorsements that it has stay with it');
    if (outcome === 'archived') throw new Problem(409, 'this concern is not open any more');
    if (outcome === 'not_eligible') throw new Problem(403, 'you may endorse once your e-mail and messaging are verified and have been linked for a while');
    return { outcome };
  }

  @UseGuards(PersonGuard)
  @Delete('clusters/:id/endorsement')
  @HttpCode(200)
  async withdraw(@Person() accountId: string, @Param('id', ParseUUIDPipe) clusterId: string): Promise<{ outcome: string }> {
    return { outcome: await withdrawEndorsement(this.dataSource, { accountId, clusterId }) };
  }
}
