/** What the notifier puts into the house: its texts, its channel, its doors and its sweep. */
import type { DynamicModule } from '@nestjs/common';
import { deliberationNotices } from '@carillon/deliberation';
import { jobScanNotices } from '@carillon/job-scan';
import { memoryNotices } from '@carillon/memory';
import { NoticeLedger } from '@carillon/persistence';
import { AlertSettings, EmailSettings, EngineWatch, Loop } from '@carillon/runtime';
import type { House, NotifierSettings, Rooms } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';
import { NotifyEmail, NotifyTelegram } from '@carillon/shared';
import { mergeCatalogues } from '@carillon/texts';
import { DataSource } from 'typeorm';
import { Deliverer } from './deliverer.js';
import { emailChannel } from './email/email-channel.js';
import { NoticesController } from './notices.controller.js';
import { NotifyController } from './notify.controller.js';
import { TelegramChannel } from './telegram/telegram-channel.js';
import { houseTexts } from './texts/house.js';

/** Every text that a notice can have: one line per pipeline. */
const catalogue = mergeCatalogues(
  houseTexts,
  deliberationNotices,
  jobScanNotices,
  memoryNotices,
);

class NotifierModule {}

export function furnish({ dataSource, log, meters, vitals }: Pick<House, 'dataSource' | 'log' | 'meters' | 'vitals'>, settings: NotifierSettings): Rooms {
  const ledger = new NoticeLedger(dataSource);
  const { telegramBotToken } = settings;
  const email = emailChannel(readSettings(EmailSettings));
  const telegram = telegramBotToken === undefined ? undefined : new TelegramChannel({ ...settings, telegramBotToken });
  const deliverer = new Deliverer({ dataSource, ledger, catalogue, channels: { telegram, email }, settings, log, onSettled: (channel, status) => meters.noticeSettled(channel, status) });
  const sweep = new Loop({ name: 'sweep', log, runOnce: () => sweepOnce(ledger, settings, log) });
  const stopping = new AbortController();
  // When the schedulers are gone there may be no relay left: what is told about that goes out from here.
  const filed = async (notices: readonly string[]): Promise<void> => {
    for (const notice of notices) await deliverer.deliver(notice, stopping.signal);
  };
  const watch = new EngineWatch({ dataSource, settings: readSettings(AlertSettings), log, filed });
  const module: DynamicModule = {
    module: NotifierModule,
    controllers: [NotifyController, NoticesController],
    providers: [
      { provide: Deliverer, useValue: deliverer },
      { provide: NoticeLedger, useValue: ledger },
      { provide: DataSource, useValue: dataSource },
    ],
  };
  return {
    module,
    mustHandle: [NotifyTelegram, NotifyEmail],
    concurrency: { [NotifyTelegram.subject]: settings.noticeConcurrency, [NotifyEmail.subject]: settings.noticeConcurrency },
    start: () => {
      if (!telegram) log.warn({}, 'TELEGRAM_BOT_TOKEN is not set: Telegram notices are recorded as dry runs and do not leave the house');
      if (!email) log.warn({}, 'SMTP_URL is not set: e-mail notices are recorded as dry runs and do not leave the house');
      sweep.start();
      vitals.watch(sweep);
      watch.start();
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([sweep.stop(), watch.stop()]);
      email?.close();
    },
  };
}

/** The first round, at boot, finds what this service's own death cut short. @returns milliseconds until the next one */
async function sweepOnce(ledger: NoticeLedger, settings: NotifierSettings, log: House['log']): Promise<number> {
  const uncertain = await ledger.markUncertain();
  if (uncertain.length > 0) log.warn({ notices: uncertain }, 'notices whose sending was cut short: nobody knows whether they arrived');
  return settings.noticeSweepSeconds * 1_000;
}
