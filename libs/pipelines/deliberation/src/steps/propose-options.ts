/** Gives every cluster with a question two to four options. A model's failure never keeps a concern off the ballot: then two templated options stand in. */
import { done, minutes, recordError } from '@carillon/engine';
import type { StepContext, StepOutcome } from '@carillon/engine';
import { NotOnTape } from '@carillon/language';
import type { JsonRequest } from '@carillon/language';
import { inTransaction } from '@carillon/persistence';
import { accounted } from './accounted.js';
import { answerAbout, askedTogether } from './asked-together.js';
import type { Answers } from './asked-together.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { OptionAnswer } from '../prompts/options.js';
import { optionsPrompt, PROPOSE_OPTIONS, readOptions } from '../prompts/options.js';
import { NO_PROMPT } from '../prompts/template.js';
import { templatedOptions } from '../rules/local-texts.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import type { ClusterWithoutOptions } from '../store/options.js';
import { countEvidenceOfRun } from '../store/evidence-counts.js';
import { clustersWithoutOptions, writeOptions } from '../store/options.js';
import { localizedJson } from '../store/summaries.js';
import { oneByOne } from './one-by-one.js';
import { LOCAL_PROVIDER } from './summarize.js';
import { cluster } from './cluster.js';

const TIER = 'option_generation';
/** The model version of templated options: by choice, and because the model failed. */
const TEMPLATE = 'template-1';
const FALLBACK = 'fallback';

export const proposeOptions = step('proposeOptions', {
  does: 'Proposes two to four options for each ballot question that has none.',
  needs: [cluster],
  onFailure: 'continue',
  timeout: minutes(60),
  run: (context) => accounted(context, run),
});

async function run(context: StepContext<DeliberationServices>): Promise<StepOutcome> {
  const { services, signal } = context;
  const targets = await clustersWithoutOptions(services.dataSource.manager);
  const answers = await askedTogether(context, TIER, async () => new Map(targets.map((target) => [target.id, questionAbout(target)])));
  if ('kind' in answers) return answers;
  const proposeFor = async (target: ClusterWithoutOptions): Promise<void> => {
    const { options, ...by } = await optionsFor(context, target, answers);
    await inTransaction(services.dataSource, async (manager) => {
      const generation = await writeOptions(manager, target.id, options, by);
      if (generation === undefined) return;
      const payload = { cluster_id: target.id, run_id: context.run.id, generation, option_count: options.length, labels: options.map(({ label }) => localizedJson(label)), provider: by.provider, model_version: by.modelVersion, prompt_version: by.promptVersion };
      await appendEvidence(manager, { eventType: 'policy_options_generated', entityType: 'cluster', entityId: target.id, payload });
    });
  };
  const errors = await oneByOne(targets, signal, proposeFor, context.progress);
  const proposed = await countEvidenceOfRun(services.dataSource.manager, 'policy_options_generated', context.run.id);
  return done({ counts: { clustersWithNewOptions: proposed }, errors: errors.map((line) => `cluster ${line}`) });
}

async function optionsFor(
  { services, run: { id: runId }, signal, log }: StepContext<DeliberationServices>,
  target: ClusterWithoutOptions,
  answers: Answers,
): Promise<{ options: OptionAnswer[]; provider: string; modelVersion: string; promptVersion: string }> {
  const { router } = services;
  if (!router || !services.hasTier(TIER)) return { options: templatedOptions(target), provider: LOCAL_PROVIDER, modelVersion: TEMPLATE, promptVersion: NO_PROMPT };
  const meter = services.meter(runId);
  try {
    const request = questionAbout(target);
    const { value, provider, model } = answerAbout(answers, target.id, request) ?? (await router.completeJson({ ...request, signal, ...(meter && { meter }) }));
    return { options: value, provider, modelVersion: model, promptVersion: PROPOSE_OPTIONS.version };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotOnTape) throw error;
    log.warn({ clusterId: target.id, reason: recordError(error).message }, 'the model gave no options: two templated ones stand in');
    return { options: templatedOptions(target), provider: LOCAL_PROVIDER, modelVersion: FALLBACK, promptVersion: NO_PROMPT };
  }
}

const questionAbout = (target: ClusterWithoutOptions): JsonRequest<OptionAnswer[]> => ({ tier: TIER, system: PROPOSE_OPTIONS.text, prompt: optionsPrompt(target), shape: 'array', temperature: 0.3, maxTokens: 2_048, read: readOptions });
