import { Command } from 'commander';
import { resolve } from 'node:path';
import { makePipeline } from '../new-pipeline/make-pipeline.js';

/** From `dist/commands` and from `src/commands` alike. */
const ROOT = resolve(import.meta.dirname, '../../../..');

/** `carillon new pipeline NAME`: a folder that passes lint, types and tests, to be changed into what it is to become. */
export function newCommand(): Command {
  const pipeline = new Command('pipeline')
    .description('make a pipeline in libs/pipelines and register it where pipelines are hosted')
    .argument('<name>', 'small letters, digits and "-", such as disk-watch')
    .option('--store', 'with a table of its own, its migration and its store')
    .action((name: string, { store = false }: { store?: boolean }) => {
      const { folder, files, registered } = makePipeline(ROOT, name, { store });
      process.stdout.write(`${[
        `Made ${folder} (${files.length} files), and registered it in`,
        ...registered.map((file) => `  ${file}`),
        '',
        'Next',
        `  npm test -- ${folder}`.padEnd(58) + 'it rings on a virtual clock',
        `  ${folder}/src/pipeline.ts`.padEnd(58) + 'when it rings, and its steps',
        '  npm start'.padEnd(58) + 'it rings for real',
        `  npm run carillon -- run ${name} --wait`.padEnd(58) + 'a run by hand, while it is started',
        '  docs/first-pipeline.md'.padEnd(58) + 'what each file is for',
      ].join('\n')}\n`);
    });
  return new Command('new').description('make something new in this checkout').addCommand(pipeline);
}
