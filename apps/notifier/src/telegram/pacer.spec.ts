import { describe, expect, it } from '@jest/globals';
import { Pacer } from './pacer.js';

const pacerUnderTest = () => {
  const clock = { time: 10_000 };
  const sut = new Pacer({ perSecond: 4, chatIntervalMs: 1_000, holdMs: 1_500, now: () => clock.time });
  return { sut, clock };
};

describe('the pacer', () => {
  it('spreads messages to many chats over the second', () => {
    const { sut, clock } = pacerUnderTest();
    expect([sut.takeSlot(), sut.takeSlot(), sut.takeSlot()]).toEqual([0, 250, 500]);
    clock.time += 10_000;
    expect(sut.takeSlot()).toBe(0);
  });

  it('keeps a pause between two notices to one chat and none between two chats', () => {
    const { sut } = pacerUnderTest();
    expect([sut.takeChat('a', 1), sut.takeChat('a', 1), sut.takeChat('b', 1)]).toEqual([{ waitMs: 0 }, { waitMs: 1_000 }, { waitMs: 0 }]);
  });

  it('gives a notice of several messages its chat for all of them', () => {
    const { sut, clock } = pacerUnderTest();
    sut.takeChat('a', 5);
    expect(sut.takeChat('a', 1)).toEqual({ putBackMs: 5_000 });
    clock.time += 4_000;
    expect(sut.takeChat('a', 1)).toEqual({ waitMs: 1_000 });
  });

  it('puts a crowd back one after the other, so that each comes back once', () => {
    const { sut, clock } = pacerUnderTest();
    const turns = Array.from({ length: 50 }, () => sut.takeChat('a', 1));
    const comingBack = turns.flatMap((turn) => ('putBackMs' in turn ? [turn.putBackMs] : []));
    expect(comingBack).toEqual(Array.from({ length: 48 }, (_, place) => 2_000 + place * 1_000));
    const again = comingBack.map((ms) => {
      clock.time = 10_000 + ms;
      return sut.takeChat('a', 1);
    });
    expect(again).toEqual(comingBack.map(() => ({ waitMs: 0 })));
  });

  it('leaves a blocked chat alone for as long as it was told, and others not', () => {
    const { sut, clock } = pacerUnderTest();
    sut.takeChat('a', 1);
    sut.block('a', 30_000);
    expect([sut.takeChat('a', 1), sut.takeChat('a', 1), sut.takeChat('b', 1)]).toEqual([{ putBackMs: 31_000 }, { putBackMs: 32_000 }, { waitMs: 0 }]);
    clock.time += 30_000;
    expect(sut.takeChat('a', 1)).toEqual({ waitMs: 0 });
  });
});
