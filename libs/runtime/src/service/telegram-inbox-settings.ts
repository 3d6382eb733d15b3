/** How what people send to the bot comes in. The bot itself is the one of the notices: TELEGRAM_BOT_TOKEN and TELEGRAM_API_ROOT. Here and not in its app, so that the command line can list it. */
import { IsIn, IsInt, IsOptional, IsUrl, Matches, Max, Min } from 'class-validator';
import { Setting } from '@carillon/settings';

export class TelegramInboxSettings {
  @Setting('TELEGRAM_UPDATES', 'How messages to the bot come in: webhook, polling, or off. On needs TELEGRAM_BOT_TOKEN.')
  @IsIn(['off', 'webhook', 'polling'])
  telegramUpdates: 'off' | 'webhook' | 'polling' = 'off';

  @Setting('TELEGRAM_WEBHOOK_SECRET', 'What Telegram sends along with every update, so that nobody else can: 16 to 256 letters, digits, _ or -. Needed for the webhook.', { secret: true })
  @IsOptional()
  @Matches(/^[\w-]{16,256}$/, { message: 'it is 16 to 256 letters, digits, _ or -' })
  telegramWebhookSecret?: string;

  @Setting('TELEGRAM_WEBHOOK_URL', 'The https address at which Telegram reaches POST /telegram/webhook; told to Telegram at every start. Blank: tell it yourself with setWebhook.')
  @IsOptional()
  @IsUrl({ protocols: ['https'], require_protocol: true, require_tld: false })
  telegramWebhookUrl?: string;

  @Setting('TELEGRAM_POLL_SECONDS', 'How long one request of polling waits for something to come.')
  @IsInt()
  @Min(0)
  @Max(50)
  telegramPollSeconds = 25;

  @Setting('TELEGRAM_UPDATE_ATTEMPTS', 'Failed attempts after which an update is given up and kept with its reason.')
  @IsInt()
  @Min(1)
  @Max(100)
  telegramUpdateAttempts = 6;
}
