/** What became of notices, what to do about those that came to a bad end, and where people and channels are reached. */
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { closedMailboxes, NOTICE_STATUSES, redriveNotices, reopenMailbox, setAddress } from '@carillon/persistence';
import type { Channel, ClosedMailbox, NoticeRow, NoticeStatus, Redriven } from '@carillon/persistence';
import { Needs, Problem } from '@carillon/runtime';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsBoolean, IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { DataSource } from 'typeorm';
import { AddressForms } from './address-forms.js';
import { PostOffice } from './post-office.js';

const CHANNELS: readonly Channel[] = ['telegram', 'email', 'slack'];
const REDRIVEN = ['dead', 'undeliverable', 'uncertain'] as const;

export class ListNotices {
  @ApiPropertyOptional({ enum: NOTICE_STATUSES }) @IsOptional() @IsIn(NOTICE_STATUSES) status?: NoticeStatus;
  @ApiPropertyOptional({ enum: CHANNELS }) @IsOptional() @IsIn(CHANNELS) channel?: Channel;
  @ApiPropertyOptional({ format: 'uuid' }) @IsOptional() @IsUUID() runId?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(200) recipient?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(1_000) dedupeKey?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(100) messageType?: string;
  @ApiPropertyOptional({ minimum: 1, maximum: 500, default: 50 }) @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

export class Address {
  @ApiProperty({ description: 'As in the notice, such as channel:deliberation.' }) @IsString() @IsNotEmpty() @MaxLength(200) recipient!: string;
  @ApiProperty({ enum: CHANNELS }) @IsIn(CHANNELS) channel!: Channel;
  @ApiProperty({ description: "The channel's own: for Telegram a chat's number or a public channel's @name, an e-mail address, a webhook of Slack." }) @IsString() @IsNotEmpty() @MaxLength(320) address!: string;
  @ApiPropertyOptional({ description: 'From how many waiting notices on they come as one message; 0 is never.' }) @IsOptional() @IsInt() @Min(0) @Max(1_000) digestFrom?: number;
}

export class Redrive {
  @ApiPropertyOptional({ format: 'uuid', isArray: true }) @IsOptional() @ArrayNotEmpty() @ArrayMaxSize(1_000) @IsUUID('all', { each: true }) ids?: string[];
  @ApiPropertyOptional({ enum: REDRIVEN, description: 'Instead of ids: every one of this status.' }) @IsOptional() @IsIn(REDRIVEN) status?: (typeof REDRIVEN)[number];
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(200) recipient?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(100) messageType?: string;
  @ApiPropertyOptional({ description: 'Also those that may have arrived.' }) @IsOptional() @IsBoolean() again?: boolean;
}

export class Reopen {
  @ApiProperty({ enum: CHANNELS }) @IsIn(CHANNELS) channel!: Channel;
  @ApiProperty({ description: 'The recipient or the address.' }) @IsString() @IsNotEmpty() @MaxLength(320) recipient!: string;
}

@ApiBearerAuth()
@Controller('notices')
export class NoticesController {
  constructor(
    private readonly office: PostOffice,
    private readonly dataSource: DataSource,
    private readonly forms: AddressForms,
  ) {}

  /** Newest first. */
  @Get()
  @Needs('read')
  list(@Query() filter: ListNotices): Promise<NoticeRow[]> {
    return this.office.ledger.list(filter);
  }

  /** Addresses that nobody is reached at any more, the latest first. */
  @Get('closed')
  @Needs('operate')
  closed(): Promise<ClosedMailbox[]> {
    return closedMailboxes(this.dataSource, 500);
  }

  @Get(':id')
  @Needs('read')
  async show(@Param('id', ParseUUIDPipe) id: string): Promise<NoticeRow> {
    const [row] = await this.office.ledger.list({ id });
    if (!row) throw new Problem(404, `there is no notice ${id}`);
    return row;
  }

  /** Counts for notices that are sent from now on, and opens the address again if it was closed. */
  @Put('addresses')
  @Needs('operate')
  async setAddress(@Body() { recipient, channel, address, digestFrom }: Address): Promise<Address> {
    const wrong = this.forms.wrongWith(channel, address);
    if (wrong !== undefined) throw new Problem(400, 'the request is not valid; see "errors"', [{ field: 'address', message: wrong }]);
    await setAddress(this.dataSource, recipient, channel, address, digestFrom ?? null);
    this.office.wake(channel);
    return { recipient, channel, address, ...(digestFrom !== undefined && { digestFrom }) };
  }

  /** Somebody is there again. */
  @Post('reopen')
  @HttpCode(200)
  @Needs('operate')
  async reopen(@Body() { channel, recipient }: Reopen): Promise<{ reopened: boolean }> {
    return { reopened: await reopenMailbox(this.dataSource, channel, recipient) };
  }

  /** Sends notices again that came to a bad end. */
  @Post('redrive')
  @HttpCode(200)
  @Needs('operate')
  async redrive(@Body() choice: Redrive): Promise<Redriven> {
    if ((choice.ids === undefined) === (choice.status === undefined)) throw new Problem(400, 'the request is not valid; see "errors"', [{ field: 'ids', message: 'say either ids or a status' }]);
    const redriven = await redriveNotices(this.dataSource, choice);
    this.office.wakeAll();
    return redriven;
  }
}
