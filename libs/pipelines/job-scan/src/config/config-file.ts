/**
 * The configuration file as a running service has it: read at boot, looked at again from time to time, and replaced when it has changed and is right. A changed file that is
 * wrong changes nothing but what is said about it, so that a typing mistake does not end the scans.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Matcher } from '../matching/matcher.js';
import type { JobScanConfig, ProfileConfig } from './config.js';
import type { ConfigEnvironment } from './environment.js';
import { readConfig } from './read-config.js';

export interface LoadedConfig {
  config: JobScanConfig;
  matcher: Matcher;
  /** By profile: changes when what it looks for does, and not when its recipients do. */
  versions: Readonly<Record<string, string>>;
}

export class ConfigFile {
  #text: string | undefined;
  #loaded: LoadedConfig | undefined;
  #problem: string | undefined;
  #begun: { runId: string; loaded: LoadedConfig | undefined } | undefined;

  /** @param path undefined: there is none, and never will be */
  constructor(
    readonly path: string | undefined,
    private readonly environment: ConfigEnvironment,
  ) {}

  /** What holds now; undefined while there is no file. */
  get current(): LoadedConfig | undefined {
    return this.#loaded;
  }

  /**
   * What held when this run first asked: a run ends with what it began with, whatever becomes of the file meanwhile. Runs of the job scan do not overlap, so the one that
   * asked last is kept; one that another process takes up goes on with what holds there.
   */
  ofRun(runId: string): LoadedConfig | undefined {
    if (this.#begun?.runId !== runId) this.#begun = { runId, loaded: this.current };
    return this.#begun.loaded;
  }

  /** Why the file as it is does not hold; undefined when it does, or there is none. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** At boot. @throws InvalidConfig, or that the file can not be read */
  load(): LoadedConfig | undefined {
    this.#text = this.#read();
    this.#loaded = this.#text === undefined ? undefined : loadConfig(this.#text, this.path ?? '', this.environment);
    return this.#loaded;
  }

  /** @returns whether something else holds now than before */
  reload(): boolean {
    try {
      const text = this.#read();
      if (text === this.#text) return false;
      const loaded = text === undefined ? undefined : loadConfig(text, this.path ?? '', this.environment);
      this.#text = text;
      this.#loaded = loaded;
      this.#problem = undefined;
      return true;
    } catch (error) {
      this.#problem = (error as Error).message;
      return false;
    }
  }

  #read(): string | undefined {
    if (this.path === undefined) return undefined;
    try {
      return readFileSync(this.path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`the configuration ${this.path} can not be read: ${(cause as Error).message}`, { cause });
    }
  }
}

/** @throws InvalidConfig */
export function loadConfig(text: string, place: string, environment: ConfigEnvironment = {}): LoadedConfig {
  const config = readConfig(text, place, environment);
  return { config, matcher: new Matcher(config.profiles), versions: Object.fromEntries(config.profiles.map((profile) => [profile.name, versionOf(profile)])) };
}

function versionOf({ criteria, filters, minimumScore }: ProfileConfig): string {
  return createHash('sha256').update(JSON.stringify([criteria, filters, minimumScore])).digest('hex').slice(0, 16);
}
