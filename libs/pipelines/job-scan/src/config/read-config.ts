/** From the text of a configuration file to what it means. All problems are reported at once, each with its line. */
import { isMap, LineCounter, parseDocument } from 'yaml';
import type { JobScanConfig, SourceConfig } from './config.js';
import { SOURCE_TYPES } from './config.js';
import type { ConfigEnvironment } from './environment.js';
import { environmentProblems, withEnvironment } from './environment.js';
import { InvalidConfig } from './errors.js';
import { readAdvanced, readAlerts, readForeign } from './read-options.js';
import { readProfiles } from './read-profiles.js';
import type { Reading } from './section.js';
import { Section } from './section.js';

const MIN_INTERVAL = 300;
const MAX_INTERVAL = 86_400;

/**
 * @param place how the file is called in what people are told
 * @throws InvalidConfig with every problem
 */
export function readConfig(text: string, place: string, environment: ConfigEnvironment = {}): JobScanConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new InvalidConfig(place, document.errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, path: '', message: `this is not YAML: ${error.message}` })));
  }
  if (document.contents === null) throw new InvalidConfig(place, [{ path: '', message: 'it is empty: it needs sources and search_criteria' }]);
  if (!isMap(document.contents)) throw new InvalidConfig(place, [{ line: 1, path: '', message: 'it must be a mapping of keys to values, such as "sources:"' }]);
  const reading: Reading = { lines, problems: environmentProblems(environment), warnings: [] };
  const root = new Section(reading, document.contents, '');
  const config: JobScanConfig = {
    sources: readSources(root),
    scanIntervalSeconds: root.duration('scan_interval', '15m', { min: MIN_INTERVAL, max: MAX_INTERVAL }),
    profiles: readProfiles(root),
    alerts: readAlerts(root.section('alerts')),
    advanced: readAdvanced(root.section('advanced')),
    warnings: reading.warnings,
  };
  readForeign(root);
  root.close();
  if (reading.problems.length > 0) throw new InvalidConfig(place, [...reading.problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  return withEnvironment(config, environment);
}

function readSources(root: Section): SourceConfig[] {
  const sections = root.sections('sources');
  if (sections.length === 0) root.problem('sources', 'at least one source is needed');
  const seen = new Map<string, string>();
  const sources = sections.map((section) => {
    const source = readSource(section);
    const key = `${source.type}:${source.identifier.toLowerCase()}`;
    const earlier = seen.get(key);
    if (earlier !== undefined && source.identifier !== '') section.problem('identifier', `${source.type} "${source.identifier}" is ${earlier} already`);
    seen.set(key, earlier ?? section.path);
    section.close();
    return source;
  });
  if (sources.length > 0 && !sources.some(({ enabled }) => enabled)) root.problem('sources', 'at least one source must be enabled');
  return sources;
}

function readSource(section: Section): SourceConfig {
  const source: SourceConfig = {
    name: section.string('name'),
    type: section.choice('type', SOURCE_TYPES),
    identifier: section.string('identifier'),
    enabled: section.boolean('enabled', true),
  };
  if (!source.enabled) section.warn('enabled', `"${source.name}" is disabled and will not be scanned`);
  const baseUrl = section.has('base_url') ? section.string('base_url').replace(/\/+$/, '') : undefined;
  if (baseUrl !== undefined && !isWebAddress(baseUrl)) section.problem('base_url', `"${baseUrl}" must be an address that begins with https:// or http://`);
  const isFeed = source.type === 'rss' || source.type === 'json-feed';
  if (isFeed && source.identifier !== '' && !isWebAddress(source.identifier)) section.problem('identifier', `"${source.identifier}" must be the feed's address, beginning with https:// or http://`);
  if (section.has('region') && section.choice('region', ['global', 'eu'] as const, 'global') === 'eu') {
    if (source.type !== 'lever') section.problem('region', `only lever has a European host, not ${source.type}`);
    return { ...source, baseUrl: baseUrl ?? 'https://api.eu.lever.co' };
  }
  return { ...source, ...(baseUrl !== undefined && { baseUrl }) };
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol);
}
