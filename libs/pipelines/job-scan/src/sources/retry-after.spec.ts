import { expect, it } from '@jest/globals';
import { retryAfterMs } from './retry-after.js';

const now = new Date('2026-03-02T08:00:00Z');
it.each([['120', 120_000], ['Mon, 02 Mar 2026 08:01:00 GMT', 60_000], ['Mon, 02 Mar 2026 07:00:00 GMT', 0], ['9999999999', 86_400_000], ['soon', undefined], [null, undefined]])('Retry-After: %j is %j ms', (header, milliseconds) => expect(retryAfterMs(header, now)).toBe(milliseconds));
