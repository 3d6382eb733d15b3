import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cronInstants } from './cron.js';

const EXPRESSIONS = ['*/7 * * * *', '30 2 * * *', '0 9 * * MON-FRI', '15 0 29 2 *', '30 * * * *'];
const ZONES = ['UTC', 'America/New_York', 'Australia/Lord_Howe'];

it('instants that are remembered are those that would be found anew, in whatever order they are asked for', () => {
  const start = Date.UTC(2026, 9, 20);
  const asked = fc.array(fc.integer({ min: 0, max: 20 * 86_400_000 }), { minLength: 5, maxLength: 40 });
  fc.assert(fc.property(fc.constantFrom(...EXPRESSIONS), fc.constantFrom(...ZONES), asked, (expression, zone, moments) => {
    // The same expression with more blanks is not known yet, and finds each answer anew.
    let blanks = ' ';
    const fresh = (after: Date): Date | null => cronInstants(expression.replace(' ', (blanks += ' ')), zone, { gap: 'nextValid', overlap: 'first' })(after);
    const known = cronInstants(expression, zone, { gap: 'nextValid', overlap: 'first' });
    for (const moment of moments) {
      const answer = known(new Date(start + moment));
      expect(answer).toEqual(fresh(new Date(start + moment)));
      // Whoever gets a date may change it, and nobody else's changes with it.
      answer?.setTime(0);
    }
  }), { numRuns: 60 });
});
