/** Everything that is wrong with a configuration, at once. */

export interface ConfigProblem {
  /** From 1 on; undefined when the problem is not at a place in the file. */
  line?: number;
  /** Such as `sources[2].type`. */
  path: string;
  message: string;
}

export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';

  constructor(
    /** The file, or what stands for it. */
    readonly place: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(`${place} is no configuration for a job scan:\n${problems.map((problem) => `  ${inWords(problem)}`).join('\n')}`);
  }
}

function inWords({ line, path, message }: ConfigProblem): string {
  return `${line === undefined ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`;
}
