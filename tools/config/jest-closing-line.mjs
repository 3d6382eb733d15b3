/** Ends a test run with one plain line that people and programs can read: `N passed, N failed`, and `, N skipped` when some were. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // Jest always runs its own summary after every other reporter.
    process.once('exit', () => process.stdout.write(`${closingLine(results)}\n`));
  }
}

/**
 * A spec file that could not even be loaded holds no tests, and still is a failure.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, numRuntimeErrorTestSuites: number }} results
 */
export function closingLine(results) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
