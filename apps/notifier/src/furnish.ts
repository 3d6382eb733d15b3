/** What the notifier puts into the house: its texts, its channel, its doors and its sweep. */
import type { DynamicModule } from '@nestjs/common';
import { deliberationNotices } from '@carillon/deliberation';
import { NoticeLedger } from '@carillon/persistence';
import { Loop } from '@carillon/runtime';
import type { House, NotifierSettings, Rooms } from '@carillon/runtime';
import { NotifyTelegram } from '@carillon/shared';
import { mergeCatalogues } from '@carillon/texts';
import { DataSource } from 'typeorm';
import { Deliverer } from './deliverer.js';
import { NoticesController } from './notices.controller.js';
import { NotifyController } from './notify.controller.js';
import { TelegramChannel } from './telegram/telegram-channel.js';
import { houseTexts } from './texts/house.js';

/** Every text that a notice can have: one line per pipeline. */
const catalogue = mergeCatalogues(
  houseTexts,
  deliberationNotices,
);

class NotifierModule {}

export function furnish({ dataSource, log }: Pick<House, 'dataSource' | 'log'>, settings: NotifierSettings): Rooms {
  const ledger = new NoticeLedger(dataSource);
  const { telegramBotToken } = settings;
  const telegram = telegramBotToken === undefined ? undefined : new TelegramChannel({ ...settings, telegramBotToken });
  const deliverer = new Deliverer({ dataSource, ledger, catalogue, telegram, settings, log });
  const sweep = new Loop({ name: 'sweep', log, runOnce: () => sweepOnce(ledger, settings, log) });
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
    mustHandle: [NotifyTelegram],
    concurrency: { [NotifyTelegram.subject]: settings.noticeConcurrency },
    start: () => {
      if (!telegram) log.warn({}, 'TELEGRAM_BOT_TOKEN is not set: notices are recorded as dry runs and nothing leaves the house');
      sweep.start();
    },
    stop: () => sweep.stop(),
  };
}

/** The first round, at boot, finds what this service's own death cut short. @returns milliseconds until the next one */
async function sweepOnce(ledger: NoticeLedger, settings: NotifierSettings, log: House['log']): Promise<number> {
  const uncertain = await ledger.markUncertain();
  if (uncertain.length > 0) log.warn({ notices: uncertain }, 'notices whose sending was cut short: nobody knows whether they arrived');
  return settings.noticeSweepSeconds * 1_000;
}
