/** A process for chaos to harm: the ringer with the memory pipeline of the house in it. Not bundled, because only one fault starts it, and not often. */
import { memory } from '@carillon/memory';
import { main } from './ringer.mjs';

const settings = JSON.parse(process.argv.at(-1) ?? '');
// So many transactions that there is always one to die in.
process.env.MEMORY_FIRE_BATCH = String(settings.fireBatch);
main(settings, { entities: memory.entities, open: (house) => [memory.open(house).hosted] });
