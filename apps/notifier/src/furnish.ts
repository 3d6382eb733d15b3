/** What the notifier puts into the house: its texts, its channels, its doors. */
import type { DynamicModule } from '@nestjs/common';
import { deliberationNotices } from '@carillon/deliberation';
import { jobScanNotices } from '@carillon/job-scan';
import { createMemoryServices, memoryNotices, MemorySettings } from '@carillon/memory';
import type { Channel } from '@carillon/persistence';
import { AlertSettings, EmailSettings, EngineWatch, SlackSettings } from '@carillon/runtime';
import type { House, NotifierSettings, Rooms } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';
import { NotifyEmail, NotifySlack, NotifyTelegram } from '@carillon/shared';
import { mergeCatalogues } from '@carillon/texts';
import { DataSource } from 'typeorm';
import { AddressForms } from './address-forms.js';
import type { NoticeChannel } from './channel.js';
import { emailChannel } from './email/email-channel.js';
import { NoticesController } from './notices.controller.js';
import { NotifyController } from './notify.controller.js';
import { picturesOf } from './pictures.js';
import { PostOffice } from './post-office.js';
import { SlackChannel } from './slack/slack-channel.js';
import { TelegramChannel } from './telegram/telegram-channel.js';
import type { Pictures } from './telegram/telegram-channel.js';
import { houseTexts } from './texts/house.js';

/** Every text that a notice can have: one line per pipeline. */
const catalogue = mergeCatalogues(
  houseTexts,
  deliberationNotices,
  jobScanNotices,
  memoryNotices,
);

class NotifierModule {}

/** Nudges only wake, so they are read as fast as they come. */
const NUDGES_AT_ONCE = 64;

export function furnish({ dataSource, log, meters, vitals }: Pick<House, 'dataSource' | 'log' | 'meters' | 'vitals'>, settings: NotifierSettings): Rooms {
  const slack = readSettings(SlackSettings);
  const channels = { telegram: telegramChannel(settings, picturesOf(createMemoryServices({ dataSource, settings: readSettings(MemorySettings) }))), email: emailChannel(readSettings(EmailSettings)), slack: slack.slackWebhookUrl === undefined ? undefined : new SlackChannel(slack) };
  const office = new PostOffice({ dataSource, catalogue, channels, settings, log, onSettled: (channel, status) => meters.noticeSettled(channel, status) });
  // When the schedulers are gone there may be no relay left: what is told about that goes out from here.
  const watch = new EngineWatch({ dataSource, settings: readSettings(AlertSettings), log, filed: () => office.wakeAll() });
  const module: DynamicModule = {
    module: NotifierModule,
    controllers: [NotifyController, NoticesController],
    providers: [
      { provide: PostOffice, useValue: office },
      { provide: DataSource, useValue: dataSource },
      { provide: AddressForms, useValue: new AddressForms(slack) },
    ],
  };
  const messages = [NotifyTelegram, NotifyEmail, NotifySlack];
  return {
    module,
    mustHandle: messages,
    concurrency: Object.fromEntries(messages.map(({ subject }) => [subject, NUDGES_AT_ONCE])),
    start: () => {
      for (const [name, channel] of Object.entries(channels)) if (!channel) log.warn({ channel: name }, WITHOUT[name as Channel]);
      office.start();
      for (const loop of office.loops) vitals.watch(loop);
      watch.start();
    },
    stop: async () => {
      await Promise.all([office.stop(), watch.stop()]);
    },
  };
}

const WITHOUT: Readonly<Record<Channel, string>> = {
  telegram: 'TELEGRAM_BOT_TOKEN is not set: Telegram notices are recorded as dry runs and do not leave the house',
  email: 'SMTP_URL is not set: e-mail notices are recorded as dry runs and do not leave the house',
  slack: 'SLACK_WEBHOOK_URL is not set: Slack notices are recorded as dry runs and do not leave the house',
};

function telegramChannel(settings: NotifierSettings, pictures: Pictures): NoticeChannel | undefined {
  const { telegramBotToken } = settings;
  return telegramBotToken === undefined ? undefined : new TelegramChannel({ ...settings, telegramBotToken }, pictures);
}
