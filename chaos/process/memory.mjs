/** A process for chaos to harm: the ringer with the memory pipeline of the house in it. */
import { memory } from '@carillon/memory';
import * as ringer from './ringer.mjs';

/** @param {Record<string, any>} settings see Scene; `fireBatch`: reminders that are fired in one transaction */
export function main(settings) {
  process.env.MEMORY_FIRE_BATCH = String(settings.fireBatch);
  ringer.main(settings, { entities: memory.entities, open: (house) => [memory.open(house).hosted] });
}
