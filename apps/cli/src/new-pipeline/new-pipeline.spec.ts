import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { makePipeline } from './make-pipeline.js';
import { namesOf } from './names.js';
import { register, REGISTRATIONS } from './register.js';
import { renderPipeline } from './template.js';

const root = resolve(import.meta.dirname, '../../../..');
const timestamp = 1_790_000_000_000;

describe('the name of a new pipeline', () => {
  it('is written as each place wants it', () => {
    expect(namesOf('loan-runs2')).toEqual({ name: 'loan-runs2', camel: 'loanRuns2', pascal: 'LoanRuns2', snake: 'loan_runs2' });
  });

  it.each([
    ['Job Scan', 'such as "job-scan"'],
    ['2nd', 'such as "nd"'],
    ['news-', 'such as "news"'],
    ['a--b', 'such as "a-b"'],
    ['job_scan', 'such as "job-scan"'],
    ['../news', 'such as "news"'],
    ['???', 'beginning with a letter, at most 40'],
    ['x'.repeat(41), 'at most 40'],
    ['delete', '"delete" means something to TypeScript, Postgres or the house: choose another name, such as "delete-watch"'],
    ['order', 'such as "order-watch"'],
  ])('is not %s', (name, remedy) => {
    expect(() => namesOf(name)).toThrow(remedy);
  });

  it('means something only in a checkout', () => {
    expect(() => makePipeline('/usr', 'news', { store: false })).toThrow('a pipeline is made in a checkout of Carillon, and /usr is none: clone the repository, and run this there');
  });

  it('is not taken', () => {
    expect(() => makePipeline(root, 'deliberation', { store: false })).toThrow('libs/pipelines/deliberation is there already: choose another name, or remove that folder and its lines in the apps first');
    expect(() => makePipeline(root, 'scheduler', { store: false })).toThrow('"scheduler" is the name of apps/scheduler already: choose another one, such as "scheduler-watch"');
  });
});

describe('registering', () => {
  it.each(REGISTRATIONS)('adds one entry and its import to $file', (registration) => {
    const before = readFileSync(resolve(root, registration.file), 'utf8');
    const after = register(before, registration, namesOf('garden-frost'));
    const value = registration.value(namesOf('garden-frost'));
    const [was, is] = [before.split('\n'), after.split('\n')];
    const added = is.filter((line) => !was.includes(line));
    expect(added).toEqual([`import { ${value} } from '@carillon/garden-frost';`, `  ${value},`]);
    expect(is.filter((line) => was.includes(line))).toEqual(was);
    const imports = is.filter((line) => /^import \{.* from '@carillon\//.test(line)).map((line) => /'(.*)'/.exec(line)?.[1]);
    expect(imports).toEqual([...imports].sort());
  });

  it('says what to write by hand where it can not', () => {
    const [registration] = REGISTRATIONS;
    if (!registration) throw new Error('there is no registration');
    expect(() => register('export {};\n', registration, namesOf('news'))).toThrow("apps/scheduler/src/pipelines.ts has no list of pipelines that could be read: add `import { news } from '@carillon/news';` and `news` to it by hand");
  });
});

describe('the files of a new pipeline', () => {
  const files = (store: boolean): Map<string, string> => renderPipeline({ names: namesOf('garden-frost'), store, timestamp });

  it('have a store only when it is asked for', () => {
    const plain = [...files(false).keys()];
    expect(plain).toContain('src/steps/measure.ts');
    expect([...files(true).keys()].filter((path) => !plain.includes(path))).toEqual(['src/entities.ts', `src/migrations/${timestamp}-garden-frost.ts`, 'src/store/measurements.ts']);
    expect(files(true).get('src/hosting.ts')).toContain(`migrations: [GardenFrost${timestamp}]`);
    expect(files(false).get('src/hosting.ts')).toContain('migrations: []');
  });

  it.each([true, false])('have nothing left of the template, with a store: %s', (store) => {
    for (const [path, text] of files(store)) expect(`${path}\n${text}`).not.toMatch(/__|\/\/:|\.template/);
  });
});
