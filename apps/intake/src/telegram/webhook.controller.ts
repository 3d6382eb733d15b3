/** Where Telegram brings updates. Answered as soon as the update is committed; handling it is the inbox's. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Problem } from '@carillon/runtime';
import type { Update } from 'grammy/types';
import { incomingOf } from './router.js';
import { TelegramDoor } from './telegram-door.js';

@ApiExcludeController()
@Controller('telegram')
export class TelegramWebhookController {
  constructor(private readonly door: TelegramDoor) {}

  @Post('webhook')
  @HttpCode(200)
  async webhook(@Headers('x-telegram-bot-api-secret-token') secret: string | undefined, @Body() body: object): Promise<object> {
    const { webhookSecret } = this.door;
    if (webhookSecret === undefined) throw new Problem(404, 'this house takes no updates here: TELEGRAM_UPDATES is not "webhook"');
    if (secret === undefined || !equalInConstantTime(secret, webhookSecret)) throw new Problem(401, 'the secret token is missing or wrong');
    if (!Number.isSafeInteger((body as Partial<Update>).update_id)) throw new Problem(400, 'this is no update: update_id is missing', [{ field: 'update_id', message: 'must be an integer' }]);
    await this.door.take([incomingOf(body as Update)]);
    return {};
  }
}

/** Hashed first, as the comparison wants equal lengths. */
const equalInConstantTime = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
