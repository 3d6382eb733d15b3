import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { circleInWords, circleOf } from './index.js';
import type { ChainLink } from './index.js';

/** "b after a" in the house's own scope, "b after a in oslo", "b after each a". */
function link(words: string): ChainLink {
  const [, pipeline = '', each, follows = '', scope = ''] = /^(\w+) after (each )?(\w+)(?: in (\w+))?$/.exec(words) ?? [];
  return { name: words, pipeline, scope, trigger: { pipeline: follows, scope: each === undefined ? 'same' : 'each' } };
}
const circle = (last: string, ...before: string[]): string | undefined => {
  const found = circleOf(link(last), before.map(link));
  return found && circleInWords(found);
};

describe('a chain of schedules', () => {
  it.each([
    ['follows itself', 'a after a', [], 'a → a (schedule "a after a")'],
    ['comes back after two', 'a after b', ['b after a'], 'b → a (schedule "a after b") → b (schedule "b after a")'],
    ['comes back after four, the shortest way', 'a after d', ['b after a', 'c after b', 'd after c', 'd after each b'], 'd → a (schedule "a after d") → b (schedule "b after a") → d (schedule "d after each b")'],
    ['comes back in the scope that one of them has', 'a after each b', ['b after a in oslo'], 'b → a (schedule "a after each b") → b (schedule "b after a in oslo")'],
    ['comes back in every scope', 'a after each b', ['b after each a'], 'b → a (schedule "a after each b") → b (schedule "b after each a")'],
  ])('that %s is a circle', (_words, last, before, words) => expect(circle(last, ...before)).toBe(words));

  it.each([
    ['ends', 'c after b', ['b after a', 'd after c', 'e after c']],
    ['meets another, as two ways to one pipeline do', 'd after c', ['b after a', 'c after a', 'd after b']],
    ['comes back in another scope only', 'a after b in oslo', ['b after a in bergen']],
    ['comes back by a scope that was left', 'a after c in oslo', ['b after each a', 'c after b in bergen']],
    ['runs beside a circle that was there before', 'c after a', ['a after b', 'b after a']],
  ])('that %s is none', (_words, last, before) => expect(circle(last, ...before)).toBeUndefined());

  it('is judged by the new version of a schedule that is edited', () => {
    const edited = { ...link('b after a'), trigger: { pipeline: 'c', scope: 'same' as const } };
    expect(circleOf(edited, [link('b after a'), link('a after b')])).toBeUndefined();
    expect(circleOf(edited, [link('b after a'), link('a after b'), link('c after a')])).toHaveLength(3);
  });

  it('never rings for ever when each of its links was allowed', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const links = fc.array(fc.record({ pipeline: names, follows: names, scope: fc.constantFrom('', 'oslo', 'bergen'), each: fc.boolean() }), { maxLength: 12 });
    fc.assert(fc.property(links, names, fc.constantFrom('', 'oslo', 'bergen'), (wanted, pipeline, scope) => {
      const allowed: ChainLink[] = [];
      for (const [n, one] of wanted.entries()) {
        const next: ChainLink = { name: String(n), pipeline: one.pipeline, scope: one.scope, trigger: { pipeline: one.follows, scope: one.each ? 'each' : 'same' } };
        if (!circleOf(next, allowed)) allowed.push(next);
      }
      // One run ends, and everything that follows rings, turn by turn: with n links a chain without a circle is over after n turns.
      let ended: { pipeline: string; scope: string }[] = [{ pipeline, scope }];
      for (let turn = 0; turn <= allowed.length; turn += 1) {
        const rung = ended.flatMap((run) => allowed.filter((one) => one.trigger.pipeline === run.pipeline && (one.trigger.scope === 'each' || one.scope === run.scope)).map((one) => ({ pipeline: one.pipeline, scope: run.scope })));
        ended = [...new Map(rung.map((run) => [`${run.pipeline} ${run.scope}`, run])).values()];
      }
      expect(ended).toEqual([]);
    }));
  });
});
