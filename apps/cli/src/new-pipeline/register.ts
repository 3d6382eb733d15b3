/** The lines that an app has for each pipeline that it hosts: an import, and an entry in a list. */
import type { Names } from './names.js';

export interface Registration {
  file: string;
  /** The line that opens the list. */
  list: RegExp;
  /** What the app imports and lists. */
  value(names: Names): string;
}

/** Where a pipeline is hosted: its steps, its texts, and its tables. */
export const REGISTRATIONS: readonly Registration[] = [
  { file: 'apps/scheduler/src/pipelines.ts', list: /^const pipelines: HostablePipeline\[\] = \[$/m, value: ({ camel }) => camel },
  { file: 'apps/notifier/src/furnish.ts', list: /^const catalogue = mergeCatalogues\($/m, value: ({ camel }) => `${camel}Notices` },
  { file: 'apps/cli/src/database.ts', list: /^const pipelines: HostablePipeline\[\] = \[$/m, value: ({ camel }) => camel },
];

/** The text of the file with the pipeline in it. @throws Error that says what to write by hand when the file looks otherwise than expected */
export function register(text: string, { file, list, value }: Registration, names: Names): string {
  const imported = `import { ${value(names)} } from '@carillon/${names.name}';\n`;
  const opened = list.exec(text);
  const closing = opened ? /^[\])];?\)?;?$/m.exec(text.slice(opened.index)) : null;
  if (!opened || !closing) throw new Error(`${file} has no list of pipelines that could be read: add \`${imported.trim()}\` and \`${value(names)}\` to it by hand`);
  const end = opened.index + closing.index;
  return withImport(`${text.slice(0, end)}  ${value(names)},\n${text.slice(end)}`, imported, names.name);
}

/** Before the first import of ours that comes later in the alphabet, or after the last one. */
function withImport(text: string, line: string, name: string): string {
  const ours = [...text.matchAll(/^import (?!type).* from '@carillon\/([a-z-]+)';\n/gm)];
  const later = ours.find(([, module = '']) => module > name);
  const last = ours.at(-1);
  const at = later?.index ?? (last ? last.index + last[0].length : 0);
  return text.slice(0, at) + line + text.slice(at);
}
