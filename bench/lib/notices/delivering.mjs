/** The notifier's post office without bus, on notices that are due, and a Bot API in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createDataSource, NoticeLedger } from '@carillon/persistence';
import { NotifierSettings } from '@carillon/runtime';
import { pino } from 'pino';
import { PostOffice } from '../../../apps/notifier/dist/post-office.js';
import { TelegramChannel } from '../../../apps/notifier/dist/telegram/telegram-channel.js';
import { houseTexts } from '../../../apps/notifier/dist/texts/house.js';
import { phase } from '../../../tools/progress.mjs';
import { median } from '../statistics.mjs';

const AT_ONCE = 64;

/** @returns {Promise<{ perSecond: number, statementsPerNotice: number }>} from the first claim to the last receipt that is recorded */
export async function deliver(servers, { notices }) {
  const dataSource = await open(servers, 'delivered');
  const api = await botApi();
  try {
    await fill(dataSource, notices, 'n::text');
    const settings = Object.assign(new NotifierSettings(), { telegramApiRoot: api.root, telegramPerSecond: 0, telegramChatIntervalMs: 0, noticeConcurrency: AT_ONCE });
    const office = new PostOffice({ dataSource, catalogue: houseTexts, channels: { telegram: new TelegramChannel({ ...settings, telegramBotToken: '1:bench' }) }, settings, log: pino({ level: 'silent' }) });
    const statements = counted(office.ledger);
    return await phase(`  ${notices} notices`, async () => {
      const began = performance.now();
      office.postmen.telegram.start();
      while ((await stillOpen(dataSource)) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
      const seconds = (performance.now() - began) / 1_000;
      await office.postmen.telegram.stop();
      const received = await api.received();
      if (received !== notices) throw new Error(`the Bot API received ${received} of ${notices} notices`);
      return { perSecond: notices / seconds, statementsPerNotice: statements() / notices };
    });
  } finally {
    api.stop();
    await dataSource.destroy();
  }
}

/** One claim of as many as a notifier has hands, with and without ten thousand notices that wait for one chat's turn. @returns {Promise<{ without: number, with: number }>} milliseconds, medians */
export async function claimBesideBacklog(servers, { backlog, claims }) {
  const times = {};
  for (const name of ['without', 'with']) {
    const dataSource = await open(servers, `claims_${name}`);
    if (name === 'with') {
      await fill(dataSource, backlog, `'-100'`);
      await dataSource.query(`INSERT INTO notices.mailbox (channel, address, free_at) VALUES ('telegram', '-100', engine.clock() + interval '1 hour')`);
    }
    await fill(dataSource, claims * AT_ONCE, 'n::text');
    await dataSource.query('ANALYZE notices.notice');
    const ledger = new NoticeLedger(dataSource);
    times[name] = [];
    for (let nth = 0; nth < claims; nth += 1) {
      const began = performance.now();
      const { notices } = await ledger.claim({ channel: 'telegram', limit: AT_ONCE, leaseMs: 600_000, perSecond: 0, digestFrom: 0 });
      times[name].push(performance.now() - began);
      if (notices.length !== AT_ONCE) throw new Error(`a claim took ${notices.length} of ${AT_ONCE} notices`);
    }
    await dataSource.destroy();
  }
  return { without: median(times.without), with: median(times.with) };
}

async function open(servers, name) {
  return createDataSource({ url: await servers.freshDatabase(name, { migrated: true }), service: 'bench', poolSize: 4 });
}

const fill = (dataSource, count, recipient) =>
  dataSource.query(
    `INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key) SELECT gen_random_uuid(), 'telegram', ${recipient}, 'text', jsonb_build_object('text', 'Notice ' || n), gen_random_uuid()::text FROM generate_series(1, ${count}) n`,
  );

async function stillOpen(dataSource) {
  const [{ count }] = await dataSource.query(`SELECT count(*)::int AS count FROM notices.notice WHERE status <> 'sent'`);
  return count;
}

/** Claims and settlements; each of the first is a transaction of a few statements, each of the second is one. */
function counted(ledger) {
  let count = 0;
  for (const method of ['claim', 'settle']) {
    const original = ledger[method].bind(ledger);
    ledger[method] = (...given) => ((count += 1), original(...given));
  }
  return () => count;
}

async function botApi() {
  const child = fork(join(import.meta.dirname, 'bot-api-process.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ root }] = await once(child, 'message');
  return {
    root,
    async received() {
      child.send('received');
      const [{ received }] = await once(child, 'message');
      return received;
    },
    stop: () => void child.kill(),
  };
}
