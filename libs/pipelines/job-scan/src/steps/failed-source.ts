/** What it means that a board could not be read: recorded once a run, in a transaction of its own, whatever becomes of the others. */
import { inTransaction } from '@carillon/persistence';
import type { SourceConfig } from '../config/config.js';
import { healthAfter } from '../rules/board-health.js';
import { BoardGone } from '../sources/errors.js';
import { writeSourceRun } from '../store/results.js';
import { sourceState, writeFailure } from '../store/sources.js';
import { tellOfBoard } from './board-notice.js';
import type { ScanContext } from './scan-source.js';

export async function recordFailure(source: SourceConfig, thrown: unknown, { services, loaded, runId, now }: Pick<ScanContext, 'services' | 'loaded' | 'runId' | 'now'>): Promise<void> {
  const error = thrown instanceof Error ? thrown.message : String(thrown);
  const state = await sourceState(services.dataSource, source);
  const { health, tell } = healthAfter(state, { kind: 'failed', gone: thrown instanceof BoardGone }, loaded.config.alerts.boardFailures);
  await inTransaction(services.dataSource, async (manager) => {
    if (await writeFailure(manager, state, { runId, at: now, error, health }) && tell) await tellOfBoard(manager, loaded.config, { source, state: tell, failures: health.failuresInRow, runId, error });
    await writeSourceRun(manager, { runId, type: state.type, identifier: state.identifier, name: source.name, at: now, error });
  });
}
