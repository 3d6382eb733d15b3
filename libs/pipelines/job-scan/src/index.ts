/** Job boards in, matches with profiles out: what is scanned, what it means, and who is told. */
export { readConfig } from './config/read-config.js';
export { InvalidConfig } from './config/errors.js';
export type { JobScanConfig, ProfileConfig, SourceConfig } from './config/config.js';
export { Matcher } from './matching/matcher.js';
export type { ProfileMatch } from './matching/matcher.js';
export { BoardClient } from './sources/board-client.js';
export type { BoardFetcher } from './sources/board-client.js';
export { readBoard } from './sources/read-board.js';
