/** The ways in which a test's own equipment fails, so that it is not taken for the tested thing failing. */

/** Something a test waited for did not come. */
export class WaitedTooLong extends Error {
  override readonly name = 'WaitedTooLong';
  constructor(what: string, milliseconds: number, options?: ErrorOptions) {
    super(`${what} did not happen within ${milliseconds} ms${options?.cause instanceof Error ? `: ${options.cause.message}` : ''}`, options);
  }
}

/** The spec was started without the setup that provides Postgres and nats-server. */
export class NoTestEnvironment extends Error {
  override readonly name = 'NoTestEnvironment';
  constructor(variable: string) {
    super(`${variable} is not set: run specs with npm test, or jest --config tools/config/jest.config.mjs, whose global setup provides it`);
  }
}

/** The migrations failed when the test run began. */
export class TemplateNotMigrated extends Error {
  override readonly name = 'TemplateNotMigrated';
  constructor(problem: string) {
    super(`There is no migrated database to clone (testDatabase({ migrated: false }) gives an empty one): ${problem}`);
  }
}

/** A program that a test started did not come up. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  constructor(program: string, output: string) {
    super(`${program} did not start; it said:\n${output.trim() || '(nothing)'}`);
  }
}
