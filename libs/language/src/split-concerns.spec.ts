import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitConcerns } from './split-concerns.js';

describe('splitting a submission', () => {
  it.each([
    ['1. Fix the roads. 2. Lower taxes for shops. 3. Build a bus station.', ['Fix the roads.', 'Lower taxes for shops.', 'Build a bus station.']],
    ['My wishes:\n1) Fix broken roads\n2) Lower city taxes', ['Fix broken roads', 'Lower city taxes']],
    ['- Fix broken roads\n- Lower city taxes', ['Fix broken roads', 'Lower city taxes']],
    ['۱. اصلاح قانون مالیات ۲. ساخت مدرسه جدید', ['اصلاح قانون مالیات', 'ساخت مدرسه جدید']],
    [
      'The downtown buses never come on time after seven in the evening.\n\nSeparately, school lunches have become far too expensive for poor families.',
      ['The downtown buses never come on time after seven in the evening.', 'Separately, school lunches have become far too expensive for poor families.'],
    ],
  ])('takes %j apart', (text, expected) => {
    expect(splitConcerns(text)).toEqual(expected);
  });

  it.each([
    'Fix the roads and lower the taxes.',
    'Publish these numbers weekly – 1) traffic citations 2) accidents reported 3) injuries.',
    'In 2017 the city had 109. Now it has 112.',
    '1. Fix the roads.',
    '1. Yes 2. No',
    'Section 1. applies since 2. May',
    'We need buses.\n\nThank you!',
    '2. second things 1. first things',
    'Raise it from 1.85 to 1.91 percent.',
  ])('leaves %j whole', (text) => {
    expect(splitConcerns(text)).toEqual([text]);
  });

  it('never loses the only concern and never gives an empty one', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''), (text) => {
        const parts = splitConcerns(text);
        expect(parts.length).toBeGreaterThan(0);
        for (const part of parts) expect(part.trim()).not.toBe('');
      }),
    );
  });
});
