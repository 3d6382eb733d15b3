/** What the notifier reads from its environment, besides what every service reads. Here and not in its app, so that the command line can list it. */
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { Setting } from '@carillon/settings';

export class NotifierSettings {
  @Setting('TELEGRAM_BOT_TOKEN', "The bot's token, as BotFather gives it. Without one every notice is recorded as a dry run and nothing leaves the house.", { secret: true })
  @IsOptional()
  @IsString()
  @Matches(/^\d+:[\w-]+$/, { message: 'a token is a number, a colon and letters' })
  telegramBotToken?: string;

  @Setting('TELEGRAM_API_ROOT', 'Where the Bot API is: Telegram itself or a server of your own, without a slash at the end.')
  @Matches(/^https?:\/\/\S*[^/\s]$/, { message: 'it is an http or https URL without a slash at the end' })
  telegramApiRoot = 'https://api.telegram.org';

  @Setting('TELEGRAM_HTTP_TIMEOUT_MS', 'How long one request to Telegram may take.')
  @IsInt()
  @Min(100)
  @Max(300_000)
  telegramHttpTimeoutMs = 30_000;

  @Setting('TELEGRAM_PER_SECOND', 'Messages per second at most, over all chats and all notifiers; 0 is no limit, for a Bot API of your own.')
  @IsInt()
  @Min(0)
  @Max(10_000)
  telegramPerSecond = 30;

  @Setting('TELEGRAM_CHAT_INTERVAL_MS', 'The least time between two messages to the same chat.')
  @IsInt()
  @Min(0)
  @Max(60_000)
  telegramChatIntervalMs = 1_000;

  @Setting('TELEGRAM_GROUP_PER_MINUTE', 'Messages to one group or channel per minute at most; 0 is no limit.')
  @IsInt()
  @Min(0)
  @Max(1_000)
  telegramGroupPerMinute = 20;

  @Setting('TELEGRAM_MAX_PARTS', 'Messages that one long notice may be split into; a longer one is given up.')
  @IsInt()
  @Min(1)
  @Max(100)
  telegramMaxParts = 10;

  @Setting('NOTICE_CONCURRENCY', 'Messages of one channel that this process sends at once.')
  @IsInt()
  @Min(1)
  @Max(200)
  noticeConcurrency = 16;

  @Setting('NOTICE_DIGEST_FROM', 'From how many waiting notices on a recipient gets one message of them all; 0 is never. A recipient may have a number of its own.')
  @IsInt()
  @Min(0)
  @Max(1_000)
  noticeDigestFrom = 0;

  @Setting('NOTICE_REPEAT_UNCERTAIN', 'Kinds of notices that go out once more, marked, when nobody knows whether they arrived: channel:message_type or channel:*, separated by commas. The others are shown as uncertain.')
  @IsString({ each: true })
  @Matches(/^(telegram|email|slack):(\*|[\w-]+)$/, { each: true, message: 'each is channel:message_type or channel:*' })
  noticeRepeatUncertain = ['telegram:reminder'];

  @Setting('NOTICE_MAX_ATTEMPTS', 'Failed attempts after which a notice is given up. Being asked to wait is not one.')
  @IsInt()
  @Min(1)
  @Max(100)
  noticeMaxAttempts = 8;

  @Setting('NOTICE_RETRY_BASE_MS', 'The pause after the first failed attempt; it doubles with each further one.')
  @IsInt()
  @Min(1)
  noticeRetryBaseMs = 5_000;

  @Setting('NOTICE_RETRY_CAP_MS', 'The longest pause between two attempts.')
  @IsInt()
  @Min(1)
  noticeRetryCapMs = 900_000;

  @Setting('NOTICE_SWEEP_SECONDS', 'How often notices are looked for that were cut short between sending and recording.')
  @IsInt()
  @Min(1)
  noticeSweepSeconds = 5;
}
