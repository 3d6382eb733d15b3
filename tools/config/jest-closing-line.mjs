/** Ends a test run with one plain line that people and programs can read: `N passed, N failed`, and `, N skipped` when some were. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    process.stdout.write(`${closingLine(results)}\n`);
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
