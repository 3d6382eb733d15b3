/** The sample is data that a newcomer's first run, its counts and its page all rely on: this keeps them in step. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Line {
  readonly externalId: string;
  readonly author: string;
  readonly text: string;
  readonly submittedAt: number;
}

const lines = readFileSync(resolve(import.meta.dirname, 'submissions.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Line);

describe('the bundled sample', () => {
  it('holds the lines that its page describes, in order of time', () => {
    expect(lines).toHaveLength(176);
    lines.forEach((line, index) => {
      const externalId = `sample/${String(index + 1).padStart(3, '0')}`;
      expect(line).toEqual({ externalId, author: expect.stringMatching(/^sample\/author-\d\d$/), text: expect.stringMatching(/\S/), submittedAt: expect.any(Number) });
    });
    expect(lines.map((line) => line.submittedAt)).toEqual(lines.map((line) => line.submittedAt).sort((a, b) => a - b));
    expect(new Set(lines.map((line) => line.text)).size).toBe(176);
    expect(lines.filter((line) => /[\u0600-\u06ff]/.test(line.text))).toHaveLength(9);
  });

  it('lies within one week of November 2026', () => {
    expect(lines[0]?.submittedAt).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 2));
    expect(lines.at(-1)?.submittedAt).toBeLessThan(Date.UTC(2026, 10, 9));
  });

  it('comes from many authors of whom none speaks often enough to be held back', () => {
    const authors = [...new Set(lines.map((line) => line.author))];
    const times = authors.map((author) => lines.filter((line) => line.author === author).map((line) => line.submittedAt));
    expect(authors).toHaveLength(90);
    for (const [first = 0, second = Infinity, ...more] of times) {
      expect(second - first).toBeGreaterThan(3_600_000);
      expect(more).toEqual([]);
    }
  });

  it('holds personal data in exactly one line', () => {
    expect(lines.filter((line) => /\p{Nd}{10,}|\S@\S/u.test(line.text))).toHaveLength(1);
  });
});
