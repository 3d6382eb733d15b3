/** What a step may do with the ledger while it runs: keep large values, read them, fan out over items. */
import type { AttemptContext, ValueReference } from '@carillon/engine';
import { ItemLedger, keepValue, readValue } from '@carillon/persistence';
import type { ClaimedStep } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import { fanOut } from './fan-out/fan-out.js';

type Tools = 'keep' | 'read' | 'fanOut';

/** Gives a step's context its tools, bound to the claim that lets them write. */
export function equip<Services>(dataSource: DataSource, claim: ClaimedStep, bare: Omit<AttemptContext<Services>, Tools>): AttemptContext<Services> {
  // Put onto it, not beside a copy of it: some of what it has is made when it is asked for.
  const context: AttemptContext<Services> = Object.assign(bare, {
    keep: (name, value) => keepValue(dataSource, claim, name, value),
    read: async <Value>(reference: ValueReference<Value>) => (await readValue(dataSource, claim.run.id, reference)) as Value,
    fanOut: (work) => fanOut(work, context, new ItemLedger(dataSource, claim, work), Math.random),
  } satisfies Pick<AttemptContext<Services>, Tools>);
  return context;
}
