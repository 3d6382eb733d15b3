import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDeliberationServices, currentCycle, deliberationEntities, deliberationMigrations, DeliberationSettings, Intake, Linking, ownVote, SignIn } from '@carillon/deliberation';
import { createDataSource, newId } from '@carillon/persistence';
import { testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { botUnderTest, fakeTelegram, person } from '../../spec/fake-telegram.js';
import type { Call, FakeTelegram } from '../../spec/fake-telegram.js';
import { deliberationSurface } from './telegram-surface.js';

let database: TestDatabase;
let dataSource: DataSource;
let telegram: FakeTelegram;
const settings = new DeliberationSettings();
let close: () => Promise<void>;
let linking: Linking;
let intake: Intake;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await createDataSource({ url: database.url, service: 'spec', entities: deliberationEntities, migrations: deliberationMigrations });
  telegram = await fakeTelegram();
  const services = createDeliberationServices({ dataSource, settings, embedder: { models: ['none'], embed: async (texts) => texts.map(() => ({ vector: new Float32Array(4).fill(0.5), model: 'none' })), close: async () => undefined } });
  close = () => services.close();
  [linking, intake] = [new Linking(dataSource, settings), new Intake(services)];
});
afterAll(async () => {
  await close();
  await telegram.close();
  await dataSource.destroy();
  await database.drop();
});

/** A bot that has just been started, for every question anew: nothing is remembered but what the database holds. */
const bot = () => botUnderTest(dataSource, telegram, [deliberationSurface({ dataSource, settings, intake, linking })]);
const says = (calls: readonly Call[]): string => calls.flatMap(({ text }) => text ?? []).join('\n');
const labels = (calls: readonly Call[]): string[] => (calls.find(({ reply_markup }) => reply_markup)?.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) => text);
let mails = 0;

/** Somebody who has signed in on the web and tells the bot the code from there. @returns the account */
async function joins(who: ReturnType<typeof person>, { old = true } = {}): Promise<string> {
  const signIn = new SignIn(dataSource, settings);
  await signIn.requestLink({ email: `p${(mails += 1)}@gmail.com`, ip: `192.0.2.${mails}`, locale: 'en' });
  const [letter] = await dataSource.manager.query<{ link: string }[]>(`SELECT content->>'link' AS link FROM notices.notice WHERE message_type = 'sign_in_link' ORDER BY id DESC LIMIT 1`);
  const signedIn = await signIn.redeem(new URL(letter?.link ?? '').searchParams.get('token') ?? '');
  const code = await linking.code(signedIn?.accountId ?? '');
  await bot().gets(who.writes(`/link ${code?.code ?? ''}`));
  if (old) await dataSource.manager.query(`UPDATE deliberation.account SET linked_at = linked_at - interval '49 hours' WHERE id = $1`, [signedIn?.accountId]);
  return signedIn?.accountId ?? '';
}

/** Clusters with a question and two options each; on an open ballot, if told. @returns their ids */
async function concernsOf(titles: readonly string[], { ballot = false } = {}): Promise<string[]> {
  const [ids, cycle] = [titles.map(() => newId()), newId()];
  for (const [index, id] of ids.entries()) {
    const text = JSON.stringify({ en: titles[index], fa: `موضوع ${index + 1}` });
    await dataSource.manager.query(
      `INSERT INTO deliberation.cluster (id, embedding_model, title, summary, question, member_count, centroid, cohesion, persistence, created_run_id, updated_run_id, created_at) VALUES ($1, 'none', $2, $2, $2, 12, '', 1, 1, $1, $1, engine.clock())`,
      [id, text],
    );
    for (const position of [1, 2]) {
      const option = JSON.stringify({ en: `Option ${position} <of> ${titles[index]}`, fa: `گزینهٔ ${position}` });
      await dataSource.manager.query(`INSERT INTO deliberation.policy_option (id, cluster_id, generation, position, label, description, provider, model_version) VALUES ($1, $2, 1, $3, $4, $4, 'spec', 'spec')`, [newId(), id, position, option]);
    }
  }
  if (!ballot) return ids;
  await dataSource.manager.query(`INSERT INTO deliberation.voting_cycle (id, started_at, ends_at, status, opened_run_id) VALUES ($1, engine.clock(), engine.clock() + interval '2 days', 'active', $1)`, [cycle]);
  for (const [index, id] of ids.entries()) {
    await dataSource.manager.query('INSERT INTO deliberation.ballot_item (cycle_id, cluster_id, position) VALUES ($1, $2, $3)', [cycle, id, index + 1]);
    await dataSource.manager.query('INSERT INTO deliberation.ballot_option (cycle_id, cluster_id, option_id, position) SELECT $1, cluster_id, id, position FROM deliberation.policy_option WHERE cluster_id = $2', [cycle, id]);
  }
  return ids;
}

describe('somebody whom the bot does not know', () => {
  it('is told how to link, in its own language, whatever it wants', async () => {
    for (const command of ['/submit', '/vote', '/endorse']) expect(says(await bot().gets(person(100).writes(command)))).toContain('/link CODE');
    expect(says(await bot().gets(person(101, 'fa').writes('/vote')))).toContain('تلگرام شما هنوز متصل نشده است');
  });

  it('is linked by the code that the web shows, also behind a link to the bot, and not by a guess', async () => {
    expect(says(await bot().gets(person(102).writes('/link guessed-it')))).toContain('wrong');
    expect(says(await bot().gets(person(102).writes('/start guessed-it')))).toContain('wrong');
    const account = await joins(person(102), { old: false });
    expect(says(telegram.calls.slice(-1))).toMatch(/linked to .*p1|linked to .*p••@gmail.com/);
    expect(await linking.accountOfChat((await dataSource.manager.query<{ ref: string }[]>('SELECT ref FROM telegram.chat WHERE chat_id = 102'))[0]?.ref ?? '')).toMatchObject({ id: account });
    expect(says(await bot().gets(person(102).writes('/endorse')))).toContain('linked for a while');
  });
});

describe('submitting', () => {
  it('asks for the text, says that it becomes public, and answers like every other door; a restart in between is not noticed', async () => {
    await joins(person(110));
    expect(says(await bot().gets(person(110).writes('/submit')))).toContain('becomes public');
    const text = person(110).writes('The city should build more protected bike lanes downtown because cycling there is dangerous.');
    expect(says(await bot().gets(text))).toContain('Your submission was accepted as');
    expect(await dataSource.manager.query('SELECT external_id AS id FROM deliberation.submission WHERE external_id LIKE $1', ['telegram:%'])).toEqual([{ id: `telegram:${text.update_id}` }]);
    expect(says(await bot().gets(person(110).writes('And another thing that is not asked for.')))).toContain('/help');
    expect(says(await bot().gets(person(110).writes('/submit mail me at ann@town.example about the buses please')))).toContain('personal data');
  });

  it('can be left', async () => {
    await joins(person(111));
    await bot().gets(person(111).writes('/submit'));
    expect(says(await bot().gets(person(111).writes('/cancel'), person(111).writes('never mind')))).toMatch(/Cancelled[^]*\/help/);
  });
});

describe('endorsing', () => {
  it('shows one concern after the other, with what is behind it', async () => {
    await joins(person(120));
    const [first] = await concernsOf(['Street <lights>', 'Night buses']);
    const shown = await bot().gets(person(120).writes('/endorse'));
    expect(says(shown)).toMatch(/Street &lt;lights&gt;.*\n\n12 submissions · 0 endorsements/);
    expect(labels(shown)).toEqual(['Endorse', 'Skip', 'Cancel']);
    const next = await bot().gets(person(120).presses(bot().button('Endorse')));
    expect(next).toMatchObject([{ method: 'answerCallbackQuery', text: 'Endorsed.' }, { method: 'editMessageText', text: expect.stringContaining('Night buses') }]);
    expect(await dataSource.manager.query('SELECT cluster_id AS id FROM deliberation.endorsement')).toEqual([{ id: first }]);
    expect(says(await bot().gets(person(120).presses(bot().button('Skip'))))).toContain('no concern left');
    await dataSource.manager.query(`UPDATE deliberation.cluster SET status = 'archived'`);
  });

  it('of a concern that fell asleep or ended since it was shown says which', async () => {
    await joins(person(121));
    const [first, second] = await concernsOf(['Benches', 'Fountains']);
    await bot().gets(person(121).writes('/endorse'));
    await dataSource.manager.query(`UPDATE deliberation.cluster SET status = 'dormant', dormant_at = engine.clock(), dormant_run_id = $1 WHERE id = $1`, [first]);
    expect(await bot().gets(person(121).presses(bot().button('Endorse')))).toMatchObject([{ method: 'answerCallbackQuery', text: expect.stringContaining('asleep') }, { text: expect.stringContaining('Fountains') }]);
    await dataSource.manager.query(`UPDATE deliberation.cluster SET status = 'archived' WHERE id = $1`, [second]);
    expect(await bot().gets(person(121).presses(bot().button('Endorse')))).toMatchObject([{ method: 'answerCallbackQuery', text: expect.stringContaining('not open any more') }, {}]);
    expect(await dataSource.manager.query('SELECT FROM deliberation.endorsement WHERE cluster_id = ANY($1)', [[first, second]])).toEqual([]);
  });
});

describe('voting', () => {
  it('says when no ballot is open', async () => {
    await joins(person(130));
    expect(says(await bot().gets(person(130).writes('/vote')))).toContain('No ballot is open');
  });

  it('shows one policy at a time, goes back and forth, and records the vote after the last one', async () => {
    const account = await joins(person(131));
    await dataSource.manager.query('UPDATE deliberation.account SET contribution_count = 1 WHERE id = $1', [account]);
    const clusters = await concernsOf(['Rents', 'Noise', 'Parks'], { ballot: true });
    const first = await bot().gets(person(131).writes('/vote'));
    expect(says(first)).toMatch(/^<b>Policy 1 of 3<\/b> · until .* UTC\n[^]*Rents[^]*<b>A\.<\/b> .*Option 1 &lt;of&gt; Rents/);
    expect(labels(first)).toEqual([expect.stringMatching(/^A\. /), expect.stringMatching(/^B\. /), 'Skip', 'Cancel']);
    await bot().gets(person(131).presses(bot().button(/^A\. /)));
    const back = await bot().gets(person(131).presses(bot().button('Back')));
    expect(labels(back)[0]).toMatch(/^A\. .* ✓$/);
    await bot().gets(person(131).presses(bot().button(/^B\. /)));
    await bot().gets(person(131).presses(bot().button('Skip')));
    const last = person(131).presses(bot().button(/^A\. /));
    const done = says(await bot().gets(last));
    expect(done).toMatch(/^Your vote is recorded: 2 of 3\. You can change it once until the ballot ends[^]*1\. .*Rents.*: B\n2\. .*Noise.*: –\n3\. .*Parks.*: A$/);
    const cycle = await currentCycle(dataSource);
    expect(await ownVote(dataSource.manager, cycle?.id ?? '', account)).toMatchObject({ cast: 1, selections: expect.arrayContaining([expect.objectContaining({ cluster_id: clusters[0] }), expect.objectContaining({ cluster_id: clusters[2] })]) });
    // The same finger again, and an update that is handled again after a crash: still one vote.
    expect(says(await bot().gets(person(131).presses(last.callback_query?.data)))).toContain('no longer valid');
    await dataSource.manager.query(`UPDATE telegram.update SET state = 'received', body = $2 WHERE update_id = $1`, [last.update_id, JSON.stringify(last)]);
    expect(says(await bot().gets())).toContain('Your vote is recorded');
    expect(await ownVote(dataSource.manager, cycle?.id ?? '', account)).toMatchObject({ cast: 1 });
  });

  it('can be changed as often as the limit says, and not by who has not contributed', async () => {
    const voteOf = async (who: ReturnType<typeof person>): Promise<string> => {
      await bot().gets(who.writes('/vote'));
      await bot().gets(who.presses(bot().button(/^A\. /)));
      await bot().gets(who.presses(bot().button('Skip')));
      return says(await bot().gets(who.presses(bot().button('Skip'))));
    };
    expect(await voteOf(person(131))).toContain('It can not be changed any more');
    expect(await voteOf(person(131))).toContain('as often as you may');
    await joins(person(132));
    expect(await voteOf(person(132))).toContain('submitted or endorsed something');
  });

  it('in Persian is from right to left, with Persian digits and letters', async () => {
    await joins(person(133));
    await bot().gets(person(133).writes('/language'));
    expect(says(await bot().gets(person(133).presses(bot().button('فارسی'))))).toBe('از این پس به فارسی.');
    const shown = await bot().gets(person(133).writes('/vote'));
    expect(says(shown)).toMatch(/^\u200F<b>موضوع ۱ از ۳<\/b>/);
    expect(says(shown).split('\n').filter((line) => line !== '').every((line) => line.startsWith('\u200F'))).toBe(true);
    expect(labels(shown)).toEqual([expect.stringMatching(/^الف\. /), expect.stringMatching(/^ب\. /), 'رد شدن', 'انصراف']);
  });

  it('on a ballot that has closed meanwhile is not counted, and says so', async () => {
    await joins(person(134));
    await bot().gets(person(134).writes('/vote'));
    await bot().gets(person(134).presses(bot().button(/^A\. /)));
    await bot().gets(person(134).presses(bot().button('Skip')));
    await dataSource.manager.query(`UPDATE deliberation.voting_cycle SET started_at = started_at - interval '3 days', ends_at = engine.clock() WHERE status = 'active'`);
    expect(says(await bot().gets(person(134).presses(bot().button('Skip'))))).toContain('It was not counted');
    await dataSource.manager.query(`UPDATE deliberation.voting_cycle SET status = 'tallied'`);
    expect(says(await bot().gets(person(134).writes('/vote')))).toContain('No ballot is open');
  });
});
