import { expect, it } from '@jest/globals';
import { keepApart } from './keep-apart.js';
import { matchClusters } from './match-clusters.js';

it('a concern that a dispute took out of a cluster does not come back into it', () => {
  const matching = matchClusters([{ id: 'k1', members: ['a', 'b', 'c'], held: false }], [['a', 'b', 'c', 'd', 'e']], { threshold: 0.5, minClusterSize: 3, wasKnown: () => true });
  expect(keepApart(matching, new Map([['k1', new Set(['d'])]])).matches).toMatchObject([{ clusterId: 'k1', members: ['a', 'b', 'c', 'e'], joined: ['e'], left: [] }]);
  expect(keepApart(matching, new Map([['k2', new Set(['d'])]])).matches).toEqual(matching.matches);
});
