import { describe, expect, it } from '@jest/globals';
import { createdAt, formatTraceparent, parentOfRun, parseTraceparent, spanOfRun } from './trace-ids.js';

const id = '019aaf2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b';
const asked = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const always = (): boolean => true;

describe('a run', () => {
  it('that nobody traced is its own trace, below the ring that made it', () => {
    expect(parentOfRun({ id, trace: null }, always)).toMatchObject({ traceId: '019aaf2b3c4d7e5f8a6b7c8d9e0f1a2b', spanId: '019aaf2b3c4d7e5f', traceFlags: 1 });
    expect(spanOfRun({ id, trace: null }, () => false)).toMatchObject({ traceId: '019aaf2b3c4d7e5f8a6b7c8d9e0f1a2b', spanId: '8a6b7c8d9e0f1a2b', traceFlags: 0 });
  });

  it('that was asked for is part of the trace of whoever asked', () => {
    expect(formatTraceparent(parentOfRun({ id, trace: asked }, () => false))).toBe(asked);
    expect(spanOfRun({ id, trace: asked }, () => false)).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '8a6b7c8d9e0f1a2b', traceFlags: 1 });
  });

  it('tells from its id when it was made', () => expect(createdAt(id).toISOString()).toBe('2025-11-23T05:23:57.645Z'));
});

it.each(['', 'nonsense', asked.slice(0, -1), asked.replace('00-', 'ff-'), asked.replace(/4bf.*?-/, `${'0'.repeat(32)}-`), asked.replace('00f067aa0ba902b7', '0'.repeat(16)), asked.toUpperCase()])('"%s" is no trace', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});
