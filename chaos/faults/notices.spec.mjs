import { describe, expect, it } from '@jest/globals';
import { verdictOnNotices } from './notices.mjs';

const FILED = new Map([['n1', 'one'], ['n2', 'two']]);
const rows = (...statuses) => statuses.map((status, index) => ({ id: `n${index + 1}`, status }));

describe('notices', () => {
  it('may be uncertain, whether they arrived or not', () => {
    expect(verdictOnNotices(rows('sent', 'uncertain'), FILED, ['one'])).toEqual({ lost: [], doubled: [] });
    expect(verdictOnNotices(rows('sent', 'uncertain'), FILED, ['one', 'two'])).toEqual({ lost: [], doubled: [] });
  });
  it('are doubled when they arrived twice', () => expect(verdictOnNotices(rows('sent', 'sent'), FILED, ['one', 'two', 'two']).doubled).toEqual(['notice n2 arrived 2 times']));
  it.each([
    ['are said to be sent and did not arrive', 'sent', ['one']],
    ['never came to an end', 'sending', ['one', 'two']],
    ['ended dead', 'dead', ['one']],
  ])('are lost when they %s', (_what, status, arrived) => expect(verdictOnNotices(rows('sent', status), FILED, arrived).lost).toHaveLength(1));
});
