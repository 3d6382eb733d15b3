/**
 * Gives flagged clusters a title, a summary and a ballot question. Each cluster is committed by itself: what a model answered is paid for, and must not be lost because a
 * later answer failed. A cluster that fails keeps its flag, and is tried again by the next run.
 */
import { BudgetExhausted, describeGroups } from '@carillon/language';
import type { GroupDescription, JsonRequest } from '@carillon/language';
import { done, minutes } from '@carillon/engine';
import type { StepContext, StepOutcome } from '@carillon/engine';
import { inTransaction } from '@carillon/persistence';
import { accounted } from './accounted.js';
import { answerAbout, askedTogether } from './asked-together.js';
import type { Answers } from './asked-together.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import { readSummary, SUMMARIZE_GROUP, summaryPrompt } from '../prompts/summary.js';
import type { SummaryAnswer } from '../prompts/summary.js';
import { NO_PROMPT } from '../prompts/template.js';
import { countEvidenceOfRun } from '../store/evidence-counts.js';
import { distinctTitle, templatedQuestion } from '../rules/local-texts.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import type { MemberText } from '../store/clusters.js';
import { inLanguage } from '../store/clusters.js';
import type { ClusterSummary, ClusterToSummarize } from '../store/summaries.js';
import { clustersToSummarize, localizedJson, memberTexts, summarizedTitles, writeSummary } from '../store/summaries.js';
import { oneByOne } from './one-by-one.js';
import { cluster } from './cluster.js';

export const LOCAL_PROVIDER = 'local';
const TIER = 'english_reasoning';
/** Stored with every text that no model wrote. */
export const LOCAL_SUMMARY_MODEL = 'keywords-1';

export const summarize = step('summarize', {
  does: 'Gives new and changed groups a title, a summary and a neutral ballot question.',
  needs: [cluster],
  onFailure: 'continue',
  timeout: minutes(60),
  run: (context) => accounted(context, run),
});

async function run(context: StepContext<DeliberationServices>): Promise<StepOutcome> {
  const { services, signal, now } = context;
  const { manager } = services.dataSource;
  const targets = await clustersToSummarize(manager);
  const answers = await askedTogether(context, TIER, async () => questionsAbout(targets, await memberTexts(manager, targets.map(({ id }) => id)), services));
  if ('kind' in answers) return answers;
  const writer = await summaryWriter(context, targets, answers);
  const titles = await summarizedTitles(manager);
  for (const { id } of targets) titles.delete(id);
  const taken = new Set([...titles.values()].map((title) => title.toLowerCase()));
  const summarizeOne = async (target: ClusterToSummarize): Promise<void> => {
    const summary = await writer(target);
    const title = distinctTitle(summary.title, summary.keywords, taken);
    taken.add(title.en.toLowerCase());
    await inTransaction(services.dataSource, async (own) => {
      if (!(await writeSummary(own, target, { ...summary, title }, now))) return;
      const payload = { cluster_id: target.id, run_id: context.run.id, title: localizedJson(title), question: localizedJson(summary.question), member_count: target.memberCount, provider: summary.provider, model_version: summary.modelVersion, prompt_version: summary.promptVersion };
      await appendEvidence(own, { eventType: 'ballot_question_generated', entityType: 'cluster', entityId: target.id, payload });
    });
  };
  const errors = await oneByOne(targets, signal, summarizeOne, context.progress);
  return done({ counts: { clustersSummarized: await countEvidenceOfRun(manager, 'ballot_question_generated', context.run.id) }, errors: errors.map((line) => `cluster ${line}`) });
}

/** What a model is asked about each. */
function questionsAbout(targets: readonly ClusterToSummarize[], members: ReadonlyMap<string, readonly MemberText[]>, { shuffled }: DeliberationServices): ReadonlyMap<string, JsonRequest<SummaryAnswer>> {
  return new Map(targets.map(({ id }) => [id, { tier: TIER, system: SUMMARIZE_GROUP.text, prompt: summaryPrompt(shownToModels(members.get(id) ?? []), shuffled), temperature: 0.1, read: readSummary }]));
}

type SummaryWriter = (target: ClusterToSummarize) => Promise<ClusterSummary>;

/** A model when there is one and the run can still pay for it, else keywords. Both read only titles, summaries and stances. */
async function summaryWriter({ services, run: { id: runId }, signal, log }: StepContext<DeliberationServices>, targets: readonly ClusterToSummarize[], answers: Answers): Promise<SummaryWriter> {
  const { router, dataSource } = services;
  const local = lazily(async () => localWriter(await memberTexts(dataSource.manager)));
  if (!router || !services.hasTier(TIER)) return async (target) => (await local())(target);
  const questions = questionsAbout(targets, await memberTexts(dataSource.manager, targets.map(({ id }) => id)), services);
  const meter = services.meter(runId);
  return async (target) => {
    try {
      const request = questions.get(target.id) as JsonRequest<SummaryAnswer>;
      const { value, provider, model } = answerAbout(answers, target.id, request) ?? (await router.completeJson({ ...request, signal, ...(meter && { meter }) }));
      return { ...value, keywords: [], provider, modelVersion: model, promptVersion: SUMMARIZE_GROUP.version };
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error;
      log.warn({ clusterId: target.id, reason: error.message }, 'the budget is spent: summarised locally');
      return (await local())(target);
    }
  };
}

/** Keywords tell groups apart only when all of them are looked at together, those that keep their title included. */
function localWriter(members: ReadonlyMap<string, readonly MemberText[]>): SummaryWriter {
  const ids = [...members.keys()];
  const descriptions = describeGroups([...members.values()].map((texts) => texts.map(({ title, summary }) => summary || title)));
  const of = new Map(ids.map((id, index) => [id, descriptions[index]]));
  return async ({ id }) => {
    const description: GroupDescription = of.get(id) ?? { title: 'Group', keywords: [], summary: '' };
    const language = mainLanguage(members.get(id) ?? []);
    const title = inLanguage(description.title, language);
    return {
      ...{ title, summary: inLanguage(description.summary, language), question: templatedQuestion(title), keywords: [...description.keywords] },
      ...{ provider: LOCAL_PROVIDER, modelVersion: LOCAL_SUMMARY_MODEL, promptVersion: NO_PROMPT },
    };
  };
}

/** Without those that speak to a model, unless there is nothing else: the others must not be summarised as one of them orders. */
function shownToModels(members: readonly MemberText[]): readonly MemberText[] {
  const plain = members.filter(({ addressesAModel }) => !addressesAModel);
  return plain.length > 0 ? plain : members;
}

function mainLanguage(members: readonly MemberText[]): string {
  return members.filter(({ language }) => language === 'fa').length * 2 > members.length ? 'fa' : 'en';
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
