import { expect, it } from '@jest/globals';
import { closingLine, countsOf, together } from './jest-closing-line.mjs';

const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numRuntimeErrorTestSuites: 0 };
it.each([
  [{ ...none, numPassedTests: 12 }, '12 passed, 0 failed'],
  [{ ...none, numPassedTests: 3, numFailedTests: 1, numPendingTests: 2 }, '3 passed, 1 failed, 2 skipped'],
  [{ ...none, numPassedTests: 3, numRuntimeErrorTestSuites: 1 }, '3 passed, 1 failed'],
])('counts %j', (results, line) => expect(closingLine(countsOf(results))).toBe(line));

it('counts the runs before it', () => {
  const first = countsOf({ ...none, numPassedTests: 12, numPendingTests: 1 });
  expect(closingLine(together(countsOf({ ...none, numPassedTests: 3, numFailedTests: 1 }), together(first)))).toBe('15 passed, 1 failed, 1 skipped');
});
