/** A process for chaos to harm: the notifier's own deliverer and channel, between the ledger and a Bot API that the parent plays. */
import { AsyncLocalStorage } from 'node:async_hooks';
import 'reflect-metadata';
import { connectBus, JetStreamStrategy, STREAMS } from '@carillon/messaging';
import { createDataSource, DeadLetterStore, LeaseKeeper, NoticeLedger, registerService } from '@carillon/persistence';
import { NotifyTelegram } from '@carillon/shared';
import { pino } from 'pino';
import { Deliverer } from '../../apps/notifier/dist/deliverer.js';
import { TelegramChannel } from '../../apps/notifier/dist/telegram/telegram-channel.js';
import { houseTexts } from '../../apps/notifier/dist/texts/house.js';
import { failed, obey } from './orders.mjs';
import { arm, pass, say } from './strike.mjs';

const { databaseUrl, natsUrl, leaseMs, graceMs, logLevel, apiRoot } = JSON.parse(process.argv.at(-1) ?? '');
const log = pino({ level: logLevel }, pino.destination(2));
/** Fast and without pauses, so that what takes time here is dying. */
const settings = {
  ...{ noticeMaxAttempts: 100, noticeRetryBaseMs: 100, noticeRetryCapMs: 500, noticeConcurrency: 4, telegramBotToken: '1:chaos', telegramApiRoot: apiRoot },
  ...{ telegramHttpTimeoutMs: 1_000, telegramPerSecond: 1_000, telegramChatIntervalMs: 1, telegramMaxParts: 1 },
};

const opening = open();
opening.catch((error) => failed('open', error));
obey({
  async go() {
    const { strategy } = await opening;
    await new Promise((resolve, reject) => strategy.listen((error) => (error === undefined ? resolve() : reject(error))));
    say({ going: true });
  },
  arm,
  async stop() {
    const { strategy, keeper, bus, dataSource } = await opening;
    await strategy.close();
    await keeper.stop();
    await bus.close();
    await dataSource.destroy();
    process.exit(0);
  },
});

async function open() {
  const dataSource = await createDataSource({ url: databaseUrl, service: 'notifier', poolSize: 3 });
  const bus = await connectBus({ url: natsUrl, service: 'notifier', log });
  const serviceId = await registerService(dataSource, { name: 'notifier', host: 'chaos', pid: process.pid });
  const keeper = await LeaseKeeper.start({ url: databaseUrl, serviceId, leaseMs });
  const noticeAtHand = new AsyncLocalStorage();
  const telegram = watched(new TelegramChannel(settings), noticeAtHand);
  const deliverer = new Deliverer({ dataSource, ledger: new NoticeLedger(dataSource), catalogue: houseTexts, channels: { telegram }, settings, log });
  const strategy = new JetStreamStrategy({ bus, deadLetters: new DeadLetterStore(dataSource), concurrency: { [NotifyTelegram.subject]: settings.noticeConcurrency }, graceMs, alsoStreams: STREAMS.filter(({ name }) => name === 'CARILLON_NOTIFY') });
  const handle = ({ notice_id: id }, { signal }) => noticeAtHand.run(id, async () => {
    await deliverer.deliver(id, signal);
    pass('notice: after recording', [id]);
  });
  strategy.addHandler(NotifyTelegram.subject, handle, true);
  say({ ready: serviceId });
  return { dataSource, bus, keeper, strategy };
}

/** The channel that the deliverer is given. */
function watched(telegram, noticeAtHand) {
  const deliver = telegram.deliver.bind(telegram);
  telegram.deliver = async (...delivery) => {
    const about = [noticeAtHand.getStore()];
    pass('notice: before sending', about);
    const sent = await deliver(...delivery);
    pass('notice: between sending and recording', about);
    return sent;
  };
  return telegram;
}
