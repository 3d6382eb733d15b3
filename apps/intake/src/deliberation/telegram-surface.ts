/**
 * Deliberation over the bot: submit, endorse, vote, one question at a time. Where a person stands is in the buttons' own rows, so that a restart between two presses is not noticed,
 * and an old message goes on from where it was.
 */
import { botWords, castVote, concernText, currentCycle, endorsable, endorse, InvalidSubmission, letter, inOwnWords, mayTakePart, ownVote, policyText } from '@carillon/deliberation';
import type { Account, CycleListing, DeliberationSettings, Intake, Linking, Locale, Selection } from '@carillon/deliberation';
import type { JsonObject } from '@carillon/engine';
import { html } from '@carillon/texts';
import type { DataSource } from 'typeorm';
import type { Buttons, TelegramSurface, TurnButton, Turn } from '../telegram/surface.js';

export interface BotParts {
  dataSource: DataSource;
  settings: DeliberationSettings;
  intake: Intake;
  linking: Linking;
}

/** Longer labels are cut by Telegram in the middle of a word. */
const LABEL_LENGTH = 40;

export function deliberationSurface(parts: BotParts): TelegramSurface {
  const { dataSource, settings, intake, linking } = parts;

  /** Does what only people with a linked account may; the others are told how to get one. */
  const asPerson = async (turn: Turn, work: (account: Account) => Promise<void>): Promise<void> => {
    const account = await linking.accountOfChat(turn.chat.ref);
    if (!account) return turn.show(botWords(localeOf(turn)).unknownPerson);
    await work(account);
  };

  const link = async (turn: Turn, code: string): Promise<void> => {
    const words = botWords(localeOf(turn));
    if (code === '') return turn.say(words.linkUsage);
    const result = await linking.link(code, turn.chat);
    if (result.kind === 'linked') return turn.say(html`${words.linked(result.email)}`.source);
    const said = { wrong_code: words.wrongCode, locked: words.locked, account_has_other_chat: words.accountHasOtherChat, chat_has_other_account: words.chatHasOtherAccount };
    return turn.say(said[result.kind]);
  };

  const submit = (turn: Turn, text: string): Promise<void> =>
    asPerson(turn, async (account) => {
      try {
        const { message } = await intake.submit({ name: 'telegram', rights: ['submit'] }, { author: account.ref, text, externalId: turn.key });
        await turn.say(html`${message}`.source);
      } catch (error) {
        if (!(error instanceof InvalidSubmission)) throw error;
        await turn.say(html`${error.message}`.source);
      }
    });

  const showConcern = (turn: Turn, after?: string): Promise<void> =>
    asPerson(turn, async (account) => {
      const locale = localeOf(turn);
      const words = botWords(locale);
      if (!(await mayTakePart(dataSource.manager, account.id, settings.minAccountAgeHours))) return turn.show(words.notEligible);
      const concern = await endorsable(dataSource.manager, account.id, after);
      if (!concern) return turn.show(words.nothingToEndorse);
      await turn.show(concernText(locale, concern), [
        [{ text: words.endorse, action: 'endorse', payload: { cluster: concern.id } }, { text: words.skip, action: 'endorsable', payload: { after: concern.id } }],
        [{ text: words.cancel, action: 'cancel' }],
      ]);
    });

  const endorseOne = (turn: Turn, clusterId: string): Promise<void> =>
    asPerson(turn, async (account) => {
      const words = botWords(localeOf(turn));
      const outcome = await endorse(dataSource, { accountId: account.id, clusterId }, settings);
      if (outcome === 'not_eligible') return turn.show(words.notEligible);
      await turn.toast(outcome === 'endorsed' || outcome === 'already_endorsed' ? words.endorsed : outcome === 'asleep' ? words.concernAsleep : words.concernClosed);
      await showConcern(turn, clusterId);
    });

  const showPolicy = (turn: Turn, { cycle, at, chosen }: Standing): Promise<void> =>
    asPerson(turn, async (account) => {
      const locale = localeOf(turn);
      const words = botWords(locale);
      const open = await currentCycle(dataSource);
      if (!open) return turn.show(words.noBallot);
      if (cycle !== undefined && cycle !== open.id) return turn.show(words.refused.no_such_cycle);
      const item = open.items[at];
      if (item) return turn.show(policyText(locale, item, { of: open.items.length, endsAt: open.endsAt }), policyButtons(locale, open, at, chosen));
      await cast(turn, account, open, chosen);
    });

  const cast = async (turn: Turn, account: Account, open: CycleListing, chosen: Chosen): Promise<void> => {
    const locale = localeOf(turn);
    const words = botWords(locale);
    const { minAccountAgeHours, requireContributionForVote, maxVoteSubmissionsPerCycle } = settings;
    const selections: Selection[] = Object.entries(chosen).map(([cluster_id, option_id]) => ({ cluster_id, option_id }));
    const rules = { minAccountAgeHours, requireContribution: requireContributionForVote, maxVotes: maxVoteSubmissionsPerCycle };
    const result = await castVote(dataSource, { accountId: account.id, cycleId: open.id, selections, requestKey: turn.key }, rules);
    if (result.kind === 'refused') return turn.show(words.refused[result.reason]);
    const own = await ownVote(dataSource.manager, open.id, account.id);
    const left = Math.max(0, maxVoteSubmissionsPerCycle - (own?.cast ?? 0));
    await turn.show([words.voted(selections.length, open.items.length, left), '', ...open.items.map((item) => summaryLine(locale, item, chosen))].join('\n'));
  };

  return {
    name: 'deliberation',
    commands: {
      link: { says: { en: 'Link this Telegram to your account', fa: 'اتصال این تلگرام به حساب شما' }, handle: (turn) => link(turn, turn.text) },
      submit: {
        says: { en: 'Say what concerns you', fa: 'دغدغهٔ خود را بنویسید' },
        handle: async (turn) => {
          if (turn.text !== '') return submit(turn, turn.text);
          await asPerson(turn, async () => {
            await turn.converse({ waitsFor: 'submission' });
            await turn.say(botWords(localeOf(turn)).askForText);
          });
        },
      },
      endorse: { says: { en: 'Endorse what others said', fa: 'پشتیبانی از دغدغه‌های دیگران' }, handle: (turn) => showConcern(turn) },
      vote: { says: { en: 'Vote on the open ballot', fa: 'رأی دادن' }, handle: (turn) => showPolicy(turn, { at: 0, chosen: {} }) },
      language: {
        says: { en: 'English or Persian', fa: 'فارسی یا انگلیسی' },
        handle: (turn) => turn.say(botWords(localeOf(turn)).language, [[{ text: 'English', action: 'language', payload: { locale: 'en' } }, { text: 'فارسی', action: 'language', payload: { locale: 'fa' } }]]),
      },
    },
    start: async (turn) => (turn.text === '' ? false : (await link(turn, turn.text), true)),
    reply: async (turn) => {
      await submit(turn, turn.text);
      await turn.converse(undefined);
    },
    presses: {
      policy: (turn, payload) => showPolicy(turn, standingOf(payload)),
      endorsable: (turn, payload) => showConcern(turn, textIn(payload, 'after')),
      endorse: (turn, payload) => endorseOne(turn, textIn(payload, 'cluster') ?? ''),
      cancel: (turn) => turn.show(botWords(localeOf(turn)).cancelled),
      language: async (turn, payload) => {
        const locale: Locale = payload['locale'] === 'fa' ? 'fa' : 'en';
        await linking.speak(turn.chat, locale);
        await turn.show(botWords(locale).languageSet);
      },
    },
  };
}

/** Cluster id → option id. */
type Chosen = Record<string, string>;

/** Where a voter stands: which policy comes next, counted from 0, and what was chosen so far. */
interface Standing {
  cycle?: string;
  at: number;
  chosen: Chosen;
}

function policyButtons(locale: Locale, { id: cycle, items }: CycleListing, at: number, chosen: Chosen): Buttons {
  const words = botWords(locale);
  const item = items[at];
  // What casts the vote counts once, so that a finger that presses twice does not change the vote twice.
  const goes = (text: string, to: number, next: Chosen): TurnButton => ({ text, action: 'policy', payload: { cycle, at: to, chosen: next }, once: to >= items.length });
  const others = Object.fromEntries(Object.entries(chosen).filter(([cluster]) => cluster !== item?.clusterId));
  const options = (item?.options ?? []).map((option, index) => [
    goes(`${letter(locale, index)}. ${cut(inOwnWords(locale, option.label))}${chosen[item?.clusterId ?? ''] === option.id ? ' ✓' : ''}`, at + 1, { ...others, [item?.clusterId ?? '']: option.id }),
  ]);
  return [...options, [...(at > 0 ? [goes(words.back, at - 1, chosen)] : []), goes(words.skip, at + 1, others)], [{ text: words.cancel, action: 'cancel' }]];
}

function summaryLine(locale: Locale, { position, title, clusterId, options }: CycleListing['items'][number], chosen: Chosen): string {
  const index = options.findIndex(({ id }) => id === chosen[clusterId]);
  return html`${locale === 'fa' ? '\u200F' : ''}${position.toLocaleString(locale)}. ${inOwnWords(locale, title)}: ${index < 0 ? '–' : letter(locale, index)}`.source;
}

function standingOf(payload: JsonObject): Standing {
  const { cycle, at, chosen } = payload as { cycle?: string; at?: number; chosen?: Chosen };
  return { ...(cycle !== undefined && { cycle }), at: at ?? 0, chosen: chosen ?? {} };
}

const textIn = (payload: JsonObject, field: string): string | undefined => (typeof payload[field] === 'string' ? payload[field] : undefined);
const localeOf = ({ chat: { locale } }: Turn): Locale => (locale === 'fa' ? 'fa' : 'en');
const cut = (text: string): string => (text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text);
