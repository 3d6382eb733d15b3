/**
 * The files of a new pipeline, from the templates beside the command line's sources. `__name__` and its sisters are replaced; lines between `//: store`, `//: no store`
 * and `//: end` are there only with or without a store, and a file that begins with `//: only store` only with one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Names } from './names.js';

export interface TemplateOptions {
  names: Names;
  store: boolean;
  /** Of its migration, in milliseconds: later than every migration that is there. */
  timestamp: number;
}

const TEMPLATES = resolve(import.meta.dirname, '../../templates/pipeline');
const ENDING = '.template';

/** Path within the pipeline's folder → text, in the order of the paths. */
export function renderPipeline(options: TemplateOptions): Map<string, string> {
  const files = readdirSync(TEMPLATES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const rendered = new Map<string, string>();
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const text = chosen(readFileSync(path, 'utf8'), options.store);
    if (text !== undefined) rendered.set(named(relative(TEMPLATES, path).slice(0, -ENDING.length), options), named(text, options));
  }
  return rendered;
}

function named(text: string, { names, timestamp }: TemplateOptions): string {
  const values: Record<string, string> = { ...names, Pascal: names.pascal, timestamp: String(timestamp) };
  return text.replaceAll(/__([A-Za-z]+?)__/g, (whole, key: string) => values[key] ?? whole);
}

function chosen(text: string, store: boolean): string | undefined {
  const lines = text.split('\n');
  if (lines[0] === '//: only store') return store ? lines.slice(1).join('\n') : undefined;
  let wanted = true;
  return lines
    .filter((line) => {
      const marker = /^\/\/: (store|no store|end)$/.exec(line)?.[1];
      if (marker !== undefined) wanted = marker === 'end' || (marker === 'store') === store;
      return marker === undefined && wanted;
    })
    .join('\n');
}
