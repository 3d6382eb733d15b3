import { expect } from '@jest/globals';
import { itWithReference, referenceData, testDatabase } from '@carillon/testing';
import { tellBowlingGreen } from './bowling-green.js';
import type { Numbers } from './bowling-green.js';
import { scratchHouse } from './scratch-house.js';

/** A part of the town, so that it is told twice in seconds; `carillon demo bowling-green` tells the whole. */
const PART = { participants: 60, limit: 240, gate: 8 };

itWithReference('polis/bowling-green.votes.jsonl')(
  'the story of Bowling Green ends with checked evidence, and is the same from an empty state',
  async () => {
    const database = await testDatabase();
    const lines: string[] = [];
    const tell = async (): Promise<Numbers> => {
      const house = await scratchHouse(database.url);
      try {
        return await tellBowlingGreen(house, { ...PART, comments: referenceData('polis/bowling-green.jsonl') ?? '', votes: referenceData('polis/bowling-green.votes.jsonl') ?? '' }, (line) => lines.push(line));
      } finally {
        await house.close();
      }
    };
    const first = await tell();
    const story = lines.splice(0).join('\n');
    expect(first).toMatchObject({ evidence: true, proofs: 3 });
    expect(first.accepted + first.rejected).toBe(PART.limit);
    expect(first.runs).toHaveLength(3);
    // Ten new comments in a hundred change few groups beyond recognition.
    for (const { before, survived } of first.runs.slice(1)) expect(survived / before).toBeGreaterThanOrEqual(0.6);
    expect(first.outOfNoise).toBeGreaterThan(0);
    // Nothing that people have endorsed is lost: it is open, or it sleeps and may wake.
    expect(first.endorsed).toMatchObject({ lost: 0, open: first.endorsements - first.endorsed.asleep });
    expect(first.endorsed.open / first.endorsements).toBeGreaterThan(0.6);
    expect(first.ballot).toBeGreaterThan(0);
    expect(first.voters).toBeGreaterThan(PART.participants / 2);
    expect(story).toMatch(/clusters kept their identity \(\d+ %\); \d+ merged into others, \d+ fell asleep, \d+ woke/);
    expect(story).toMatch(/with one that sleeps and may wake, 0 are lost/);
    expect(story).toMatch(/people voted/);

    expect(await tell()).toEqual(first);
    await database.drop();
  },
  360_000,
);
