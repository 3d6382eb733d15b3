import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findHighRiskPii, redactForModel } from './privacy.js';

describe('redaction', () => {
  it.each([
    ['write to jane.doe+x@mail.example.org please', 'write to [redacted] please'],
    ['نامه به علی@نمونه.ایران بفرستید', 'نامه به [redacted] بفرستید'],
    ['call +1 270-555-0100 now', 'call [redacted] now'],
    ['call 270 555 01 00.', 'call [redacted].'],
    ['call (270) 555-0100', 'call [redacted]'],
    ['call 270.555.0100', 'call [redacted]'],
    ['شماره ۰۹۱۲۳۴۵۶۷۸۹ من', 'شماره [redacted] من'],
    ['شماره ۰۹۱۲ ۳۴۵ ۶۷۸۹ من', 'شماره [redacted] من'],
    ['الرقم ٠٥٠١٢٣٤٥٦٧', 'الرقم [redacted]'],
    ['raise the wage to $15 from $7.25', 'raise the wage to $15 from $7.25'],
    ['6 cents per $100, 109 students in 2017', '6 cents per $100, 109 students in 2017'],
    ['we @ the city hall', 'we @ the city hall'],
  ])('of %j', (text, expected) => {
    expect(redactForModel(text)).toBe(expected);
  });

  it('leaves nothing behind that the gate would stop, in any digits', () => {
    const digits = fc.constantFrom('0123456789', '۰۱۲۳۴۵۶۷۸۹', '٠١٢٣٤٥٦٧٨٩').chain((ten) => fc.array(fc.constantFrom(...ten), { minLength: 10, maxLength: 16 }));
    fc.assert(
      fc.property(fc.string(), digits, fc.emailAddress(), fc.string(), (before, number, email, after) => {
        const text = `${before} ${number.join('')} ${email} ${after}`;
        expect(findHighRiskPii(redactForModel(text))).toEqual([]);
      }),
    );
  });

  it('takes linear time on hostile text', () => {
    for (const piece of ['a', '1', '1 ', '(', 'a@', '1-', '.', 'a.']) expect(redactForModel(piece.repeat(300_000)).length).toBeGreaterThan(0);
  });
});

describe('the high-risk gate', () => {
  it.each([
    ['my id is 1234567890', ['long_digit_run']],
    ['my id is 123456789', []],
    ['کد ملی من ۱۲۳۴۵۶۷۸۹۰ است', ['long_digit_run']],
    ['کارت ٦٠٣٧٩٩١١١١١١١١١١', ['long_digit_run']],
    ['order abc1234567890', []],
    ['270-555-0100', []],
    ['me@example.com', ['email']],
    ['1234567890 me@example.com', ['long_digit_run', 'email']],
    ['me@localhost', []],
    ['', []],
  ])('for %j finds %j', (text, expected) => {
    expect(findHighRiskPii(text)).toEqual(expected);
  });
});
