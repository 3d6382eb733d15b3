import { describe, expect, it } from '@jest/globals';
import { done, externalStep, manual, pipeline, step } from '@carillon/engine';
import type { Step } from '@carillon/engine';
import { assertOwners, UnknownOwner } from './owned-steps.js';

const hosting = (one: Step<unknown>): void => assertOwners(['scheduler', 'intake'], [{ pipeline: pipeline('bell', { does: 'rings', trigger: manual(), steps: [one] }) as never, services: undefined as never }]);
const run = async () => done();

describe('every step has somebody', () => {
  it('a service of ours, or a program of its own', () => {
    expect(() => hosting(step('own', { does: 'own', run }))).not.toThrow();
    expect(() => hosting(step('other', { does: 'other', owner: 'intake', run }))).not.toThrow();
    expect(() => hosting(externalStep('score', { does: 'scores', owner: 'scorer' }))).not.toThrow();
  });

  it.each([
    ['step "lost" of "bell" is owned by "intakes", which is none of scheduler, intake: write one of them, or externalStep', () => hosting(step('lost', { does: 'lost', owner: 'intakes', run }))],
    ['step "score" of "bell" is an external step of "intake", which is a service of ours', () => hosting(externalStep('score', { does: 'scores', owner: 'intake' }))],
  ])('and whoever else is named stops the boot: %s', (message, host) => {
    expect(host).toThrow(UnknownOwner);
    expect(host).toThrow(message);
  });

  it('whose name can stand in a subject', () => {
    expect(() => externalStep('score', { does: 'scores', owner: 'my.scorer' })).toThrow('step "score": owner "my.scorer" is a part of NATS subjects: use letters');
  });
});
