/** What became of notices, and where people and channels are reached. */
import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { NoticeLedger, setAddress } from '@carillon/persistence';
import type { Channel, NoticeRow, NoticeStatus } from '@carillon/persistence';
import { Needs, Problem } from '@carillon/runtime';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { DataSource } from 'typeorm';
import { EMAIL_ADDRESS } from './email/email-channel.js';
import { TELEGRAM_CHAT } from './telegram/destination.js';

const STATUSES: readonly NoticeStatus[] = ['queued', 'sending', 'sent', 'dry-run', 'uncertain', 'failed', 'dead'];
const CHANNELS: readonly Channel[] = ['telegram', 'email', 'slack'];

export class ListNotices {
  @ApiPropertyOptional({ enum: STATUSES }) @IsOptional() @IsIn(STATUSES) status?: NoticeStatus;
  @ApiPropertyOptional({ format: 'uuid' }) @IsOptional() @IsUUID() runId?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(200) recipient?: string;
  @ApiPropertyOptional({ minimum: 1, maximum: 500, default: 50 }) @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

export class Address {
  @ApiProperty({ description: 'As in the notice, such as channel:deliberation.' }) @IsString() @IsNotEmpty() @MaxLength(200) recipient!: string;
  @ApiProperty({ enum: CHANNELS }) @IsIn(CHANNELS) channel!: Channel;
  @ApiProperty({ description: "The channel's own: for Telegram a chat's number or a public channel's @name." }) @IsString() @IsNotEmpty() @MaxLength(320) address!: string;
}

/** What an address looks like. */
const FORMS: Readonly<Partial<Record<Channel, { is: RegExp; says: string }>>> = {
  telegram: { is: TELEGRAM_CHAT, says: 'a Telegram address is the number of a chat, such as -1001234567890, or the @name of a public channel' },
  email: { is: EMAIL_ADDRESS, says: 'an e-mail address is one name@example.org, without a display name' },
};

@Controller('notices')
export class NoticesController {
  constructor(
    private readonly ledger: NoticeLedger,
    private readonly dataSource: DataSource,
  ) {}

  /** Newest first. */
  @Get()
  @Needs('read')
  list(@Query() filter: ListNotices): Promise<NoticeRow[]> {
    return this.ledger.list(filter);
  }

  /** Counts for notices that are sent from now on. */
  @Put('addresses')
  @Needs('operate')
  async setAddress(@Body() { recipient, channel, address }: Address): Promise<Address> {
    const form = FORMS[channel];
    if (form && !form.is.test(address)) throw new Problem(400, 'the request is not valid; see "errors"', [{ field: 'address', message: form.says }]);
    await setAddress(this.dataSource, recipient, channel, address);
    return { recipient, channel, address };
  }
}
