/** A process for chaos to harm: the notifier's own post office and channel, between the ledger and a Bot API that the parent plays. */
import 'reflect-metadata';
import { memoryNotices } from '@carillon/memory';
import { connectBus, JetStreamStrategy, STREAMS } from '@carillon/messaging';
import { createDataSource, DeadLetterStore, LeaseKeeper, registerService } from '@carillon/persistence';
import { NotifierSettings } from '@carillon/runtime';
import { NotifyTelegram } from '@carillon/shared';
import { mergeCatalogues } from '@carillon/texts';
import { pino } from 'pino';
import { PostOffice } from '../../apps/notifier/dist/post-office.js';
import { TelegramChannel } from '../../apps/notifier/dist/telegram/telegram-channel.js';
import { houseTexts } from '../../apps/notifier/dist/texts/house.js';
import { failed, obey } from './orders.mjs';
import { arm, pass, say } from './strike.mjs';

/** @param {Record<string, any>} given see Scene; `apiRoot`: the parent's Bot API, `notices`: settings of its own */
export function main(given) {
  const log = pino({ level: given.logLevel }, pino.destination(2));
  const opening = open(given, log);
  opening.catch((error) => failed('open', error));
  obey({
    async go() {
      const { strategy, office } = await opening;
      await new Promise((resolve, reject) => strategy.listen((error) => (error === undefined ? resolve() : reject(error))));
      office.start();
      say({ going: true });
    },
    arm,
    async stop() {
      const { strategy, office, keeper, bus, dataSource } = await opening;
      await strategy.close();
      await office.stop();
      await keeper.stop();
      await bus.close();
      await dataSource.destroy();
      process.exit(0);
    },
  });
}

/** Fast and without pauses, so that what takes time here is dying. */
const settingsFrom = ({ apiRoot, notices = {} }) =>
  Object.assign(new NotifierSettings(), {
    ...{ noticeMaxAttempts: 100, noticeRetryBaseMs: 100, noticeRetryCapMs: 500, noticeConcurrency: 4, noticeSweepSeconds: 1, noticeRepeatUncertain: [], telegramBotToken: '1:chaos', telegramApiRoot: apiRoot },
    ...{ telegramHttpTimeoutMs: 1_000, telegramPerSecond: 0, telegramChatIntervalMs: 0, telegramMaxParts: 1 },
    ...notices,
  });

async function open(given, log) {
  const { databaseUrl, natsUrl, leaseMs, graceMs } = given;
  const settings = settingsFrom(given);
  const dataSource = await createDataSource({ url: databaseUrl, service: 'notifier', poolSize: 3 });
  const bus = await connectBus({ url: natsUrl, service: 'notifier', log });
  const serviceId = await registerService(dataSource, { name: 'notifier', host: 'chaos', pid: process.pid });
  const keeper = await LeaseKeeper.start({ url: databaseUrl, serviceId, leaseMs });
  const catalogue = mergeCatalogues(houseTexts, memoryNotices);
  const office = new PostOffice({ dataSource, catalogue, channels: { telegram: watched(new TelegramChannel(settings)) }, settings, log });
  watchRecords(office.ledger);
  const strategy = new JetStreamStrategy({ bus, deadLetters: new DeadLetterStore(dataSource), concurrency: { [NotifyTelegram.subject]: 64 }, graceMs, alsoStreams: STREAMS.filter(({ name }) => name === 'CARILLON_NOTIFY') });
  strategy.addHandler(NotifyTelegram.subject, async () => office.wake('telegram'), true);
  say({ ready: serviceId });
  return { dataSource, bus, keeper, office, strategy };
}

/** The channel that the deliverer is given. */
function watched(telegram) {
  const deliver = telegram.deliver.bind(telegram);
  telegram.deliver = async (chat, notice, sending) => {
    const about = [sending.noticeId];
    pass('notice: before sending', about);
    const sent = await deliver(chat, notice, sending);
    pass('notice: between sending and recording', about);
    return sent;
  };
  return telegram;
}

function watchRecords(ledger) {
  const settle = ledger.settle.bind(ledger);
  ledger.settle = async (settlements) => {
    const settled = await settle(settlements);
    for (const { claim } of settlements) pass('notice: after recording', [claim.id]);
    return settled;
  };
}
