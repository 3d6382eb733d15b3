/**
 * Ends a test run with one plain line that people and programs can read: `N passed, N failed`, and `, N skipped` when some were. With CARILLON_SPEC_COUNTS, a file, it counts the runs
 * before that noted themselves there, and notes itself.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export default class ClosingLine {
  #file = process.env.CARILLON_SPEC_COUNTS;

  constructor() {
    // A spec may run specs of its own, which are not counted.
    delete process.env.CARILLON_SPEC_COUNTS;
  }

  onRunComplete(_contexts, results) {
    const file = this.#file;
    const earlier = file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
    const counts = together(countsOf(results), earlier);
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
    // Jest always runs its own summary after every other reporter.
    process.once('exit', () => process.stdout.write(`${closingLine(counts)}\n`));
  }
}

/**
 * A spec file that could not even be loaded holds no tests, and still is a failure.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, numRuntimeErrorTestSuites: number }} results
 */
export function countsOf(results) {
  return { passed: results.numPassedTests, failed: results.numFailedTests + results.numRuntimeErrorTestSuites, skipped: results.numPendingTests + results.numTodoTests };
}

/** @typedef {ReturnType<typeof countsOf>} Counts @param {Counts} own @param {Counts} [earlier] @returns {Counts} */
export function together(own, earlier = { passed: 0, failed: 0, skipped: 0 }) {
  return { passed: own.passed + earlier.passed, failed: own.failed + earlier.failed, skipped: own.skipped + earlier.skipped };
}

/** @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
