/** What is told about boards themselves, once an episode: to whom the configuration names for it, and else to whoever would wonder why there are no matches. */
import type { EntityManager } from 'typeorm';
import type { JobScanConfig, ProfileConfig, SourceConfig } from '../config/config.js';
import { fileNotices } from '../store/alerts.js';

export interface BoardEpisode {
  source: SourceConfig;
  state: 'failing' | 'gone' | 'empty' | 'recovered';
  failures: number;
  runId: string;
  error?: string;
}

export async function tellOfBoard(manager: EntityManager, config: Pick<JobScanConfig, 'alerts' | 'profiles'>, { source, state, failures, runId, error }: BoardEpisode): Promise<void> {
  const content = { board: source.name, type: source.type, identifier: source.identifier, state, failures, ...(error !== undefined && { error }) };
  // Who hears of several profiles is told once: it is the same key.
  for (const listeners of listenersOf(config)) await fileNotices(manager, listeners, { messageType: 'job_board', content, key: `board:${source.type}:${source.identifier.toLowerCase()}:${state}:${runId}`, runId });
}

function listenersOf({ alerts: { boardRecipients, boardChannel }, profiles }: Pick<JobScanConfig, 'alerts' | 'profiles'>): Pick<ProfileConfig, 'recipients' | 'channels'>[] {
  if (boardRecipients !== undefined) return [{ recipients: boardRecipients, channels: [boardChannel ?? 'email'] }];
  return profiles.map(({ recipients, channels }) => ({ recipients, channels: boardChannel === undefined ? channels : [boardChannel] }));
}
