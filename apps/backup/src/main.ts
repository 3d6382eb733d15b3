/** The backup's process: a stub that says so. It takes requests for backups, and does not pretend to make any. */
import { runService } from '@carillon/runtime';
import { furnish } from './furnish.js';

await runService({ name: 'backup', describes: 'A stub: there is no backup yet, and this service says so to whoever asks.', furnish });
