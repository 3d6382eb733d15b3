/**
 * Reads one mapping of a YAML file key by key. Nothing throws: what is wrong becomes a problem with its line, and a value that lets reading go on, so that one reading
 * finds everything. What nobody asked for is an unknown key.
 */
import { alike } from '@carillon/engine';
import { isMap, isScalar, isSeq } from 'yaml';
import type { LineCounter, Node, YAMLMap } from 'yaml';
import type { ConfigProblem } from './errors.js';
import { durationInWords, InvalidDuration, parseDuration } from './duration.js';

export interface Reading {
  lines: LineCounter;
  problems: ConfigProblem[];
  warnings: string[];
}

interface Bounds {
  min?: number;
  max?: number;
}

export class Section {
  private readonly asked = new Set<string>();

  /** @param map undefined when the section is not there: every key then has its default */
  constructor(
    private readonly reading: Reading,
    private readonly map: YAMLMap | undefined,
    readonly path: string,
  ) {}

  has(key: string): boolean {
    return this.node(key) !== undefined;
  }

  string(key: string, fallback?: string): string {
    const value = this.scalar(key, 'text', fallback);
    if (value === undefined) return fallback ?? '';
    // 1000 and 2026-01-01 are meant as they are written, also without quotes.
    const text = typeof value === 'string' ? value.trim() : String(value);
    if (text !== '') return text;
    this.problem(key, 'must not be empty');
    return fallback ?? '';
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.scalar(key, 'true or false', fallback);
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    this.problem(key, `${shown(value)} must be true or false`);
    return fallback;
  }

  integer(key: string, fallback: number | undefined, { min = -Infinity, max = Infinity }: Bounds): number {
    const value = this.number(key, fallback, { min, max });
    if (Number.isInteger(value)) return value;
    this.problem(key, `${value} must be a whole number`);
    return fallback ?? 0;
  }

  number(key: string, fallback: number | undefined, { min = -Infinity, max = Infinity }: Bounds): number {
    const value = this.scalar(key, 'a number', fallback);
    if (value === undefined) return fallback ?? 0;
    if (typeof value !== 'number' || !Number.isFinite(value)) this.problem(key, `${shown(value)} must be a number`);
    else if (value < min || value > max) this.problem(key, `${value} must be ${max === Infinity ? `${min} or more` : `from ${min} to ${max}`}`);
    else return value;
    return fallback ?? 0;
  }

  choice<T extends string>(key: string, choices: readonly T[], fallback?: T): T {
    const value = this.scalar(key, `one of ${choices.join(', ')}`, fallback);
    const first = fallback ?? (choices[0] as T);
    if (value === undefined) return first;
    const text = String(value).trim();
    const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    if (found === undefined) this.problem(key, `${shown(value)} must be one of ${choices.join(', ')}${meant(text, choices)}`);
    return found ?? first;
  }

  /** Seconds. */
  duration(key: string, fallback: string | undefined, { min = 1, max = Infinity }: Bounds): number {
    const text = this.string(key, fallback);
    if (text === '') return 0;
    try {
      const seconds = parseDuration(text);
      if (seconds < min) this.problem(key, `"${text}" is below the minimum of ${durationInWords(min)}`);
      if (seconds > max) this.problem(key, `"${text}" (${durationInWords(seconds)}) is above the maximum of ${durationInWords(max)}`);
      return seconds;
    } catch (error) {
      if (!(error instanceof InvalidDuration)) throw error;
      this.problem(key, error.message);
      return 0;
    }
  }

  /** Trimmed, empty ones left out. */
  strings(key: string): string[] {
    return this.list(key).flatMap(({ node, path }) => this.text(node, path) ?? []);
  }

  choices<T extends string>(key: string, choices: readonly T[], fallback: readonly T[] = []): T[] {
    if (!this.has(key)) {
      this.asked.add(key);
      return [...fallback];
    }
    return this.list(key).flatMap(({ node, path }) => {
      const text = this.text(node, path);
      const found = choices.find((choice) => choice === text?.toLowerCase());
      if (text !== undefined && found === undefined) this.problemAt(node, path, `"${text}" must be one of ${choices.join(', ')}${meant(text, choices)}`);
      return found ?? [];
    });
  }

  /** Lists in a list. */
  groups(key: string): string[][] {
    return this.list(key).flatMap(({ node, path }) => {
      if (!isSeq(node)) {
        this.problemAt(node, path, 'must be a list of terms, such as [remote, hybrid]');
        return [];
      }
      const group = node.items.flatMap((item, index) => this.text(item as Node, `${path}[${index}]`) ?? []);
      return group.length === 0 ? [] : [group];
    });
  }

  section(key: string): Section {
    const node = this.node(key);
    if (node !== undefined && !isMap(node)) this.problem(key, 'must be a mapping of keys to values');
    return new Section(this.reading, isMap(node) ? node : undefined, this.pathOf(key));
  }

  sections(key: string): Section[] {
    return this.list(key).flatMap(({ node, path }) => {
      if (isMap(node)) return [new Section(this.reading, node, path)];
      this.problemAt(node, path, 'must be a mapping of keys to values');
      return [];
    });
  }

  problem(key: string, message: string): void {
    this.problemAt(this.keyNode(key) ?? this.map, this.pathOf(key), message);
  }

  warn(key: string, message: string): void {
    const line = this.lineOf(this.keyNode(key) ?? this.map);
    this.reading.warnings.push(`${line === undefined ? '' : `line ${line}: `}${this.pathOf(key)}: ${message}`);
  }

  /** To be called when everything was asked for: the other keys are unknown. */
  close(): void {
    for (const { key } of this.map?.items ?? []) {
      const name = isScalar(key) ? String(key.value) : String(key);
      if (!this.asked.has(name)) this.problemAt(key as Node, this.pathOf(name), `is no key of ${this.path === '' ? 'the configuration' : `"${this.path}"`}${meant(name, [...this.asked])}`);
    }
  }

  private list(key: string): { node: Node; path: string }[] {
    const node = this.node(key);
    if (node === undefined) return [];
    if (isSeq(node)) return node.items.map((item, index) => ({ node: item as Node, path: `${this.pathOf(key)}[${index}]` }));
    this.problem(key, 'must be a list');
    return [];
  }

  private text(node: Node, path: string): string | undefined {
    if (isScalar(node) && (typeof node.value === 'string' || typeof node.value === 'number')) return String(node.value).trim() || undefined;
    if (!isScalar(node) || node.value !== null) this.problemAt(node, path, 'must be text');
    return undefined;
  }

  private scalar(key: string, what: string, fallback: unknown): unknown {
    const node = this.node(key);
    if (node === undefined) {
      if (fallback === undefined) this.problem(key, `is missing: write ${what}`);
      return undefined;
    }
    if (isScalar(node)) return node.value;
    this.problem(key, `must be ${what}`);
    return undefined;
  }

  /** Undefined when the key is absent or has no value. */
  private node(key: string): Node | undefined {
    this.asked.add(key);
    const node = this.map?.get(key, true) as Node | undefined;
    return node === undefined || (isScalar(node) && node.value === null) ? undefined : node;
  }

  private keyNode(key: string): Node | undefined {
    return this.map?.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.key as Node | undefined;
  }

  private pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  private problemAt(node: Node | undefined | null, path: string, message: string): void {
    const line = this.lineOf(node);
    this.reading.problems.push({ ...(line !== undefined && { line }), path, message });
  }

  private lineOf(node: Node | undefined | null): number | undefined {
    return node?.range ? this.reading.lines.linePos(node.range[0]).line : undefined;
  }
}

const shown = (value: unknown): string => JSON.stringify(value);

function meant(name: string, known: readonly string[]): string {
  const near = alike(name, known);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
