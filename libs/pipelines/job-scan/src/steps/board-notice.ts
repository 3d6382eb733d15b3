/** What is told about boards themselves, once an episode, to whom the configuration names. */
import type { EntityManager } from 'typeorm';
import type { AlertsConfig, SourceConfig } from '../config/config.js';
import { fileNotices } from '../store/alerts.js';

export interface BoardEpisode {
  source: SourceConfig;
  state: 'failing' | 'gone' | 'empty' | 'recovered';
  failures: number;
  runId: string;
  error?: string;
}

export async function tellOfBoard(manager: EntityManager, { boardRecipients, boardChannel }: Pick<AlertsConfig, 'boardRecipients' | 'boardChannel'>, { source, state, failures, runId, error }: BoardEpisode): Promise<void> {
  const content = { board: source.name, type: source.type, identifier: source.identifier, state, failures, ...(error !== undefined && { error }) };
  await fileNotices(manager, { recipients: boardRecipients, channels: [boardChannel] }, { messageType: 'job_board', content, key: `board:${source.type}:${source.identifier.toLowerCase()}:${state}:${runId}`, runId });
}
