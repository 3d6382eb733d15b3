import { describe, expect, it } from '@jest/globals';
import type { EarlierCluster, MatchOptions, SleepingCluster } from './match-clusters.js';
import { matchClusters } from './match-clusters.js';

const options: MatchOptions = { threshold: 0.5, minClusterSize: 3, wasKnown: (candidate) => !candidate.startsWith('new') };
const cluster = (id: string, members: string, held = false): EarlierCluster => ({ id, members: members.split(' '), held });
const groups = (...members: string[]): string[][] => members.map((list) => list.split(' '));

describe('matching fresh groups to earlier clusters', () => {
  it('everything is born the first time', () => {
    expect(matchClusters([], groups('a b c', 'd e f'), { ...options, wasKnown: () => false })).toEqual({
      matches: [],
      woken: [],
      births: [{ group: 0, members: ['a', 'b', 'c'] }, { group: 1, members: ['d', 'e', 'f'] }],
      asleep: [],
      deaths: [],
      frozen: [],
    });
  });

  it('the same groups in another order change nothing', () => {
    const { matches, births, deaths } = matchClusters([cluster('A', 'a b c'), cluster('B', 'd e f')], groups('f e d', 'c b a'), options);
    expect(matches.map(({ clusterId, group, jaccard, joined, left }) => ({ clusterId, group, jaccard, joined, left }))).toEqual([
      { clusterId: 'B', group: 0, jaccard: 1, joined: [], left: [] },
      { clusterId: 'A', group: 1, jaccard: 1, joined: [], left: [] },
    ]);
    expect([births, deaths]).toEqual([[], []]);
  });

  it.each([
    ['exactly half in common is the same concern', 'a b c', 'a b c d e f', 0.5, true],
    ['less than half is another one', 'a b c', 'a b d e f', 2 / 6, false],
    ['newcomers are no evidence against an identity', 'a b c', 'a b c new1 new2 new3 new4 new5', 1, true],
  ])('%s', (_name, earlier, fresh, jaccard, same) => {
    const { matches, births } = matchClusters([cluster('A', earlier)], groups(fresh), options);
    expect(matches.map((match) => match.jaccard)).toEqual(same ? [jaccard] : []);
    expect(births.length).toBe(same ? 0 : 1);
  });

  it('is one to one and greedy by score: the better pair wins', () => {
    const { matches } = matchClusters([cluster('A', 'a b c d'), cluster('B', 'e f g')], groups('a b c d e', 'f g h'), options);
    expect(matches.map(({ clusterId, group }) => [clusterId, group])).toEqual([['A', 0], ['B', 1]]);
  });

  it('ties go to the lower cluster id, then the lower group', () => {
    const tied = matchClusters([cluster('B', 'a b'), cluster('A', 'c d')], groups('a b c d'), { ...options, minClusterSize: 2 });
    expect(tied.matches.map(({ clusterId }) => clusterId)).toEqual(['A']);
    const halves = matchClusters([cluster('A', 'a b c d')], groups('c d', 'a b'), { ...options, minClusterSize: 2 });
    expect(halves.matches.map(({ group }) => group)).toEqual([0]);
  });

  it('a group that broke away names its parent, with the share of its known members that came from there', () => {
    const { matches, births } = matchClusters([cluster('A', 'a b c d e f g h')], groups('a b c d e', 'f g h new1'), options);
    expect(matches.map(({ clusterId, left }) => [clusterId, left])).toEqual([['A', ['f', 'g', 'h']]]);
    expect(births).toEqual([{ group: 1, members: ['f', 'g', 'h', 'new1'], splitFrom: 'A', share: 1 }]);
  });

  it('a cluster that ends is merged into the group that took at least half of its members', () => {
    const { matches, deaths } = matchClusters([cluster('A', 'a b c d e'), cluster('B', 'f g h')], groups('a b c d e f g'), options);
    expect(matches.map(({ clusterId }) => clusterId)).toEqual(['A']);
    expect(deaths).toEqual([{ clusterId: 'B', members: ['f', 'g', 'h'], slept: false, mergedInto: 0, share: 2 / 3 }]);
  });

  it('a cluster whose members became noise falls asleep, and ends only when it has none', () => {
    const { asleep, deaths } = matchClusters([cluster('A', 'a b c'), { id: 'B', members: [], held: false }], [], options);
    expect(asleep).toEqual([{ clusterId: 'A', members: ['a', 'b', 'c'], alone: 3, share: 0 }]);
    expect(deaths).toEqual([{ clusterId: 'B', members: [], slept: false }]);
  });

  it('members that became noise count against an heir: four of ten are no merge, although nobody else took any', () => {
    const { asleep, deaths } = matchClusters([cluster('A', 'a b c d e f g h i j')], groups('a b c d k l m n'), options);
    expect(asleep).toMatchObject([{ clusterId: 'A', alone: 6, share: 0.4 }]);
    expect(deaths).toEqual([]);
  });

  it('the heir of a cluster that ended is no split of it', () => {
    const { births, deaths } = matchClusters([cluster('A', 'a b c')], groups('a b d e f g'), options);
    expect(births).toEqual([{ group: 0, members: ['a', 'b', 'd', 'e', 'f', 'g'] }]);
    expect(deaths).toEqual([{ clusterId: 'A', members: ['a', 'b', 'c'], slept: false, mergedInto: 0, share: 2 / 3 }]);
  });

  it('a cluster on the ballot that no group continues is frozen: it keeps its members, and others get only the rest', () => {
    const matching = matchClusters([cluster('A', 'a b c', true)], groups('a b c d e f g'), options);
    expect(matching).toMatchObject({ frozen: ['A'], deaths: [], matches: [], births: [{ members: ['d', 'e', 'f', 'g'] }] });
    expect(matchClusters([cluster('A', 'a b c', true)], groups('a b c d e f g'), { ...options, minClusterSize: 5 }).births).toEqual([]);
  });

  it('a cluster on the ballot that a group continues may gain and lose members', () => {
    const { matches } = matchClusters([cluster('A', 'a b c d', true)], groups('a b c new1'), options);
    expect(matches[0]).toMatchObject({ clusterId: 'A', joined: ['new1'], left: ['d'] });
  });
});

describe('a sleeping cluster', () => {
  const asleep = (id: string, members: string, more: Partial<SleepingCluster> = {}): SleepingCluster => ({ id, members: members.split(' '), alive: members.split(' ').length, wasKnown: options.wasKnown, ...more });
  const matched = (sleeping: SleepingCluster[], fresh: string[][], earlier: EarlierCluster[] = []) => matchClusters(earlier, fresh, { ...options, sleeping });

  it('wakes with the group that holds half of what both know, and all of its members join', () => {
    expect(matched([asleep('A', 'a b c d')], groups('a b c e new1'))).toMatchObject({ woken: [{ clusterId: 'A', group: 0, jaccard: 0.6, members: ['a', 'b', 'c', 'e', 'new1'] }], births: [], deaths: [] });
  });

  it('goes on sleeping, untold, when too little of it is together', () => {
    expect(matched([asleep('A', 'a b c d e f')], groups('a b x y'))).toMatchObject({ woken: [], births: [{ group: 0 }], asleep: [], deaths: [] });
  });

  it('comes second: a group that continues an open cluster is not taken from it', () => {
    expect(matched([asleep('A', 'a b c d')], groups('a b c d'), [cluster('B', 'c d')])).toMatchObject({ matches: [{ clusterId: 'B' }], woken: [], deaths: [{ clusterId: 'A', slept: true, mergedInto: 0, share: 1 }] });
  });

  it('ends in the group that took half of its members, as an open one does', () => {
    const { woken, deaths } = matched([asleep('A', 'a b c')], groups('a b d e f g h i'));
    expect([woken, deaths]).toEqual([[], [{ clusterId: 'A', members: ['a', 'b', 'c'], slept: true, mergedInto: 0, share: 2 / 3 }]]);
  });

  it('is known by what had been said when it fell asleep: what came later is no evidence against it', () => {
    const long = asleep('A', 'a b c', { wasKnown: (id) => ['a', 'b', 'c'].includes(id) });
    expect(matched([long], groups('a b c d e f g h i j')).woken).toMatchObject([{ clusterId: 'A', jaccard: 1 }]);
  });

  it('can share its members with another that sleeps: the better one wakes', () => {
    expect(matched([asleep('A', 'a b c d e'), asleep('B', 'a b c')], groups('a b c')).woken).toMatchObject([{ clusterId: 'B', jaccard: 1 }]);
  });

  it('ends when so many of its members are gone that no group can wake it', () => {
    expect(matched([asleep('A', 'a b c d', { alive: 2 })], []).deaths).toEqual([]);
    expect(matched([asleep('A', 'a b c d', { alive: 1 })], []).deaths).toEqual([{ clusterId: 'A', members: ['a', 'b', 'c', 'd'], slept: true }]);
  });

  it('does not wake with fewer members than make a group', () => {
    expect(matched([asleep('A', 'a b')], groups('a b')).woken).toEqual([]);
    expect(matched([asleep('A', 'c d e')], groups('a b c d e'), [cluster('B', 'c', true)])).toMatchObject({ frozen: ['B'], woken: [{ clusterId: 'A', members: ['a', 'b', 'd', 'e'] }] });
  });
});
