/** What a step hands on reaches the next step with its type: small programs with one mistake each, and what the compiler says to it. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compilerSays } from '@carillon/testing';

const PREAMBLE = `
import { cron, done, fail, manual, pipeline, skip, step, threshold, withServices } from './index.js';
import type { OutputOf, Pipeline } from './index.js';
interface News { fetch(url: string): Promise<string> }
const news = withServices<News>();
const collect = news.step('collect', { does: '', run: async ({ services }) => {
  const text = await services.fetch('https://example.org');
  if (text === '') return skip('nothing new');
  if (text === '?') return fail(new Error('unreadable'));
  return done({ output: { ids: [text], pages: 1 } });
} });
const plain = step('plain', { does: '', run: async () => done() });
`;

/** Each is one line after the preamble, and the part of the compiler's message that an author needs; undefined where all is well. */
const PROGRAMS: [string, string, string | undefined][] = [
  ['needs hands on what was left', `export const use = news.step('use', { does: '', needs: { collect }, run: async ({ inputs }) => done({ counts: { n: inputs.collect.ids.length + inputs.collect.pages } }) });`, undefined],
  ['inputs hand on what may be missing', `export const use = news.step('use', { does: '', inputs: { collect }, run: async ({ inputs }) => done({ counts: { n: inputs.collect?.ids.length ?? 0 } }) });`, undefined],
  ['a condition is handed the same', `export const use = news.step('use', { does: '', needs: { collect }, when: ({ inputs }) => inputs.collect.ids.length > 0 || 'nothing', run: async () => done() });`, undefined],
  ['all that a step may leave is known', `export const use: (left: OutputOf<typeof collect>) => string = ({ ids }) => ids.join();`, undefined],
  ['a pipeline of them is one of their services', `export const bell: Pipeline<News> = pipeline('bell', { does: '', trigger: cron('@daily'), steps: [collect, plain] });`, undefined],
  ['an earlier step may be named', `const use = news.step('use', { does: '', needs: { collect }, inputs: { plain }, run: async () => done() }); export const bell = news.pipeline('bell', { does: '', trigger: manual(), steps: [collect, plain, use] });`, undefined],
  ['a list that is computed is checked when it is made', `export const bell = pipeline('bell', { does: '', trigger: manual(), steps: [plain].filter(Boolean) });`, undefined],
  ['items have their type, and what they come to at the end', `const each = news.forEach('each', { does: '', needs: { collect }, items: ({ inputs }) => inputs.collect.ids, key: (id) => id.toUpperCase(), run: async (id, { services }) => done({ output: { text: await services.fetch(id) } }), then: async (_results, context) => done({ output: { all: await context.keep('all', [1, 2]) } }) }); export const use = news.step('use', { does: '', needs: { each }, run: async ({ inputs, read }) => done({ counts: { n: (await read(inputs.each.all)).reduce((sum, one) => sum + one, 0) } }) });`, undefined],
  ['an item taken for something else', `export const each = news.forEach('each', { does: '', needs: { collect }, items: ({ inputs }) => inputs.collect.ids, key: (id) => id.url, run: async () => done() });`, `Property 'url' does not exist on type 'string'`],
  ['a kept value taken for something else', `const keeps = news.step('keeps', { does: '', run: async ({ keep }) => done({ output: { all: await keep('all', [1, 2]) } }) }); export const use = news.step('use', { does: '', needs: { keeps }, run: async ({ inputs, read }) => done({ counts: { n: (await read(inputs.keeps.all)).size } }) });`, `Property 'size' does not exist on type 'number[]'`],
  ['a wrong name', `export const use = news.step('use', { does: '', needs: { collect }, run: async ({ inputs }) => done({ counts: { n: inputs.colect.ids.length } }) });`, `Property 'colect' does not exist on type`],
  ['a wrong field', `export const use = news.step('use', { does: '', needs: { collect }, run: async ({ inputs }) => done({ counts: { n: inputs.collect.items.length } }) });`, `Property 'items' does not exist on type '{ ids: string[]; pages: number; }'`],
  ['a wrong shape', `export const use = news.step('use', { does: '', needs: { collect }, run: async ({ inputs }) => done({ counts: { n: inputs.collect.ids } }) });`, `Type 'string[]' is not assignable to type 'number'`],
  ['what may be missing taken for granted', `export const use = news.step('use', { does: '', inputs: { collect }, run: async ({ inputs }) => done({ counts: { n: inputs.collect.pages } }) });`, `'inputs.collect' is possibly 'undefined'`],
  ['the output of a step that leaves none', `export const use = step('use', { does: '', needs: { plain }, run: async ({ inputs }) => done({ counts: { n: inputs.plain.n } }) });`, `'inputs.plain' is possibly 'undefined'`],
  ['a list hands on nothing', `export const use = news.step('use', { does: '', needs: [collect], run: async ({ inputs }) => done({ counts: { n: inputs.collect.pages } }) });`, `Property 'collect' does not exist on type`],
  ['a step that was never written', `export const use = news.step('use', { does: '', needs: { colect }, run: async () => done() });`, `Cannot find name 'colect'. Did you mean 'collect'?`],
  ['a step that comes later', `const use = news.step('use', { does: '', needs: { collect }, run: async () => done() }); export const bell = news.pipeline('bell', { does: '', trigger: manual(), steps: [use, collect] });`, `"collect\\" is not an earlier step of this pipeline`],
  ['a step that is not there', `const use = news.step('use', { does: '', needs: [collect], run: async () => done() }); export const bell = news.pipeline('bell', { does: '', trigger: manual(), steps: [plain, use] });`, `"collect\\" is not an earlier step of this pipeline`],
  ['an output that JSON can not hold', `export const bad = step('bad', { does: '', run: async () => done({ output: { at: new Date() } }) });`, `Type 'Date' is not assignable to type 'JsonValue'`],
  ['a service that is not there', `export const bad = news.step('bad', { does: '', run: async ({ services }) => done({ output: { text: await services.read() } }) });`, `Property 'read' does not exist on type 'News'`],
  ['a step that wants other services', `const other = withServices<News & { post(): void }>().step('other', { does: '', run: async () => done() }); export const bell = news.pipeline('bell', { does: '', trigger: manual(), steps: [other] });`, `Property 'post' is missing in type 'News'`],
  ['a counter that wants other services', `export const bell = news.pipeline('bell', { does: '', trigger: threshold({ count: { name: 'n', read: async (services: { rows: number }) => services.rows }, atLeast: 1, orEvery: 1000, poll: 1000 }), steps: [plain] });`, `Property 'rows' is missing in type 'News'`],
  ['an outcome that does not exist', `export const bad = step('bad', { does: '', run: async () => ({ kind: 'finished' }) });`, `Type '"finished"' is not assignable to type`],
];

describe('the compiler', () => {
  let said: Map<string, string[]>;
  beforeAll(async () => {
    said = await compilerSays(import.meta.dirname, new Map(PROGRAMS.map(([name, line]) => [name, PREAMBLE + line])));
  });

  it.each(PROGRAMS.filter(([, , message]) => message === undefined))('accepts: %s', (name) => expect(said.get(name)).toEqual([]));

  it.each(PROGRAMS.filter(([, , message]) => message !== undefined))('refuses: %s', (name, _line, message) => {
    expect(said.get(name)?.join('\n')).toContain(message);
  });
});
